"""The largest request body that is read."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coda.core.http.errors import ErrorAnswer, render_error

DEFAULT_MAX_BODY: Final = 8 * 1024 * 1024
_TOO_LARGE: Final = 413


class BodyLimit:
    """Refuses larger bodies: at once by Content-Length, else as soon as too much has come."""

    def __init__(self, app: ASGIApp, *, max_bytes: int = DEFAULT_MAX_BODY) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting `receive`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > self._max_bytes:
            message = f"The request is larger than {self._max_bytes:,} bytes."
            answer = ErrorAnswer(_TOO_LARGE, "core.too_large", message, {"limit": self._max_bytes})
            await render_error(scope, answer)(scope, receive, send)
            return
        seen = 0

        async def count() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._max_bytes:
                # The only error that FastAPI lets through while it reads a body.
                raise HTTPException(_TOO_LARGE)
            return message

        await self._app(scope, count, send)
