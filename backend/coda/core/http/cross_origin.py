"""Lets pages of other origins use the interfaces for programs, where the operator has named these origins."""

from typing import Final
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from coda.core.errors import CodaError, ErrorKind
from coda.core.http.origin import require_own_origin
from coda.core.settings import Settings

OPEN_PATHS: Final = ("/v1/", "/ag-ui", "/mcp")
"""Below these a caller brings a key of its own; nothing is opened by a cookie."""

_ANY: Final = "*"
_METHODS: Final = ("GET", "POST", "DELETE")
_EXPOSED: Final = (
    "Coda-Run-Id",
    "Coda-Session-Id",
    "Mcp-Session-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Trace-Id",
    "x-ratelimit-limit-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-requests",
    "x-ratelimit-reset-tokens",
    "x-request-id",
    "x-should-retry",
)
_MAX_AGE: Final = 600


class InvalidCorsOrigin(CodaError):
    """CODA_CORS_ORIGINS holds something that is no origin."""

    kind = ErrorKind.INVALID
    code = "core.invalid_cors_origin"

    def __init__(self, entry: str) -> None:
        super().__init__(f"CODA_CORS_ORIGINS: {entry!r} is not an origin like https://app.example.org.")


class CrossOrigin:
    """Answers preflights, and tells browsers who may read the answers; nobody else's without the setting."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        origins = cors_origins(settings)
        self._open = None
        if origins:
            self._open = CORSMiddleware(
                app,
                allow_origins=origins,
                allow_methods=_METHODS,
                allow_headers=[_ANY],
                expose_headers=_EXPOSED,
                max_age=_MAX_AGE,
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer a browser that asks whether it may send one."""
        is_open = scope["type"] == "http" and scope["path"].startswith(OPEN_PATHS)
        app = self._open if is_open and self._open is not None else self._app
        await app(scope, receive, send)


def require_known_origin(settings: Settings, connection: HTTPConnection) -> None:
    """Guard of what answers to programs and to pages that were named only; raises ForeignOrigin."""
    origin, named = connection.headers.get("origin", "").lower(), cors_origins(settings)
    if not (origin and (_ANY in named or origin in named)):
        require_own_origin(settings, connection)


def cors_origins(settings: Settings) -> list[str]:
    """The origins that are named, as browsers write them; `*` alone is every one. Raises InvalidCorsOrigin."""
    return [_origin(entry.strip()) for entry in (settings.cors_origins or "").split(",") if entry.strip()]


def _origin(entry: str) -> str:
    if entry == _ANY:
        return entry
    parts = urlsplit(entry)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise InvalidCorsOrigin(entry)
    return f"{parts.scheme}://{parts.netloc}".lower()
