"""Which device a request came from."""

from typing import Final

from starlette.requests import HTTPConnection

_LONGEST: Final = 300


def client_address(connection: HTTPConnection) -> str | None:
    """The client's address, past the proxies that are trusted."""
    return connection.client.host if connection.client else None


def user_agent(connection: HTTPConnection) -> str | None:
    """The browser as it names itself, cut to a sane length."""
    text = "".join(character for character in connection.headers.get("user-agent", "") if character.isprintable())
    return text[:_LONGEST] or None
