"""The page at /docs: the OpenAPI document for people, made here, without scripts and without anybody's CDN."""

from coda.operations.api_docs.page import STYLE, render_page

__all__ = ["STYLE", "render_page"]
