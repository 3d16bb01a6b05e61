"""Headers that every answer to a request carries, errors too: its id, and what a route has to say whatever comes."""

from collections.abc import Mapping
from typing import Final
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CARRIED: Final = "coda.answer_headers"


def carry(scope: Scope, headers: Mapping[str, str]) -> None:
    """From now on whatever answers this request has these headers."""
    scope[_CARRIED].update(headers)


class AnswerHeaders:
    """Gives each request an id, for its log lines and for whoever reports a problem, and adds what was carried."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{uuid4().hex}"
        carried = scope[_CARRIED] = {"x-request-id": request_id}
        structlog.contextvars.bind_contextvars(request_id=request_id)

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(carried)
            await send(message)

        await self._app(scope, receive, complete)
