"""The route of MCP, streamable HTTP: each request stands alone, so that any process may answer it."""

import asyncio
from contextlib import suppress
from uuid import uuid4

import orjson
from fastapi import APIRouter, Request, Response
from starlette.types import Message, Receive, Scope, Send

from coda.access.dependencies import ApartPrincipal
from coda.access.permissions import Permission
from coda.core.http.cross_origin import require_known_origin
from coda.gateways.answers.wiring import agent_runner
from coda.gateways.mcp_server.caller import SESSION_HEADER, McpCaller
from coda.gateways.mcp_server.types import RequestId
from coda.llm.dependencies import Models
from coda.runs.errors import RunNotFound

_ACCEPTED = 202
_VERSION_HEADER = "mcp-protocol-version"
_CANCELLED = b"notifications/cancelled"

router = APIRouter(include_in_schema=False)


class McpResponse(Response):
    """Hands a request to the server of the SDK, which answers it with JSON or a stream."""

    def __init__(self, caller: McpCaller, body: bytes) -> None:
        super().__init__()
        self._caller, self._body = caller, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer. The SDK is loaded beside the event loop, with the first request of the process."""
        await asyncio.to_thread(_load)
        from coda.gateways.mcp_server.serving import serve

        await serve(self._caller, scope, self._replayed(receive), self._naming(send))

    def _replayed(self, receive: Receive) -> Receive:
        waiting: list[Message] = [{"type": "http.request", "body": self._body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        return replay

    def _naming(self, send: Send) -> Send:
        """Name the connection of a client that opens one: in older revisions it says so when it cancels a request.

        Newer ones close the stream. A client that has sent its revision is past the opening.
        """
        headers = self._caller.request.headers
        if _VERSION_HEADER in headers or SESSION_HEADER in headers:
            return send
        name = (SESSION_HEADER.encode(), uuid4().hex.encode())

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), name]}
            await send(message)

        return named


@router.post("/mcp")
async def speak_mcp(request: Request, principal: ApartPrincipal, models: Models) -> Response:
    """MCP: one message of JSON-RPC."""
    state = request.app.state
    require_known_origin(state.settings, request)
    caller = McpCaller(
        principal, request, state.settings, state.database, state.tool_calls, models.gateway, agent_runner(state)
    )
    body = await request.body()
    if caller.client_session is not None and _CANCELLED in body:
        request_id = _cancelled_request(body)
        if request_id is not None:
            await _cancel(caller, request_id)
            return Response(status_code=_ACCEPTED)
    return McpResponse(caller, body)


def _cancelled_request(body: bytes) -> RequestId | None:
    """The request that a client of an older revision does not wait for any more."""
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    match message:
        case {"method": "notifications/cancelled", "params": {"requestId": str() | int() as request_id}}:
            return request_id
    return None


async def _cancel(caller: McpCaller, request_id: RequestId) -> None:
    """Whoever may not command runs has none here."""
    if caller.principal.may(Permission.RUNS_WRITE):
        with suppress(RunNotFound):
            await caller.agents.commands.cancel(caller.principal, caller.run_id_of(request_id))


def _load() -> None:
    import coda.gateways.mcp_server.serving  # noqa: F401 - 1 s and 56 MB, for those who call
