"""Puts operations into an application: request tracing and metrics around it, the web app under it."""

from fastapi import FastAPI
from prometheus_fastapi_instrumentator import Instrumentator

from coda.core.settings import Settings
from coda.observability.requests import RequestTracing
from coda.operations.web_app import WebApp, find_web_app

_UNMEASURED = ["/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"]


def install_operations(app: FastAPI, settings: Settings) -> None:
    """Measure and trace requests; the web app takes the paths that no route has."""
    Instrumentator(excluded_handlers=_UNMEASURED, should_group_status_codes=True).instrument(app)
    app.add_middleware(RequestTracing)
    app.router.default = WebApp(find_web_app(settings), not_found=app.router.not_found)
