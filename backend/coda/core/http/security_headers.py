"""Security headers on every answer: a strict content policy, no framing, no sniffing, no referrer to others."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coda.core.http.origin import allowed_origins, public_origin
from coda.core.settings import Settings

_FIXED: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_HSTS: Final = "max-age=31536000"
_API_PREFIXES: Final = ("/api/", "/v1/")


class SecurityHeaders:
    """Adds the headers that an answer does not carry yet."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._hsts = (public_origin(settings) or "").startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, complete)

    def _complete(self, headers: MutableHeaders, scope: Scope) -> None:
        for name, value in _FIXED.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", self._content_policy(scope))
        if self._hsts:
            headers.setdefault("Strict-Transport-Security", _HSTS)
        if scope["path"].startswith(_API_PREFIXES):
            headers.setdefault("Cache-Control", "no-store")

    def _content_policy(self, scope: Scope) -> str:
        # 'self' covers the socket too, except in browsers before 2022; they get it by name.
        origins = allowed_origins(self._settings, HTTPConnection(scope))
        sockets = sorted(origin.replace("http", "ws", 1) for origin in origins)
        return "; ".join(
            (
                "default-src 'self'",
                "script-src 'self'",
                "style-src 'self'",
                "style-src-attr 'unsafe-inline'",
                # https: for remote images in answers, which the page loads only when they are clicked.
                "img-src 'self' data: blob: https:",
                "font-src 'self'",
                " ".join(("connect-src 'self'", *sockets)),
                "worker-src 'self'",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            )
        )
