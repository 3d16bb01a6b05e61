"""Where in the web app a one-time link leads."""

from coda.identity.types import LinkPurpose


def link_path(purpose: LinkPurpose, token: str) -> str:
    """The path of a link, to be put after the instance's address."""
    return f"/{purpose}?token={token}"
