"""An MCP server that misbehaves: the path says in what and how, `/{stage}/{how}`; all else it does well.

A stage is a method of HTTP or of the protocol. `KINDS` in `bad_mcp_kinds` has the ways.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiohttp import web

STAGES: Final = {
    "discover": "server/discover",
    "initialize": "initialize",
    "initialized": "notifications/initialized",
    "list": "tools/list",
    "call": "tools/call",
    "listen": "GET",
    "end": "DELETE",
}
HELLO: Final = {
    "protocolVersion": "2025-06-18",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "bad", "version": "1"},
}
GO: Final = {"name": "go", "inputSchema": {"type": "object"}}
Asked = Mapping[str, Any]
Manner = Callable[["BadServer", web.Request, Asked], Awaitable[web.StreamResponse]]


class BadServer:
    """Keeps what it is told: `told` has each message, `requests` each request of HTTP. `tools`: what it lists."""

    def __init__(self, manners: Mapping[str, Manner]) -> None:
        self.manners = manners
        self.tools: list[Any] = [GO]
        self.told: list[Asked] = []
        self.requests: list[tuple[str, Mapping[str, str]]] = []
        self.has_call, self.has_ended = asyncio.Event(), asyncio.Event()
        self.url = self.origin = ""

    def forget(self) -> None:
        """Begin anew."""
        self.tools = [GO]
        self.told.clear()
        self.requests.clear()
        self.has_call.clear()
        self.has_ended.clear()

    @property
    def calls(self) -> int:
        """How many calls of tools have come."""
        return sum(message.get("method") == "tools/call" for message in self.told)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["BadServer"]:
        """Serve until the end of the block."""
        application = web.Application()
        application.router.add_route("*", "/{stage}/{how}", self._handle)
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.origin = self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json() if request.method == "POST" else {}
        self.told.append(asked)
        self.requests.append((request.method, dict(request.headers)))
        self._note(request, asked)
        stage = STAGES[request.match_info["stage"]]
        if stage in (request.method, asked.get("method")) or "Last-Event-ID" in request.headers:
            return await self.manners[request.match_info["how"]](self, request, asked)
        return self._well(request, asked)

    def _note(self, request: web.Request, asked: Asked) -> None:
        if asked.get("method") == "tools/call":
            self.has_call.set()
        if request.method == "DELETE":
            self.has_ended.set()

    def _well(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=405 if request.method == "GET" else 204)
        if "id" not in asked or "method" not in asked:
            return web.Response(status=202)
        if asked["method"] == "server/discover":
            return web.json_response(error(asked, -32601, "Method not found"))
        if asked["method"] == "initialize":
            return web.json_response(result(asked, HELLO), headers={"Mcp-Session-Id": "first"})
        if asked["method"] == "tools/list":
            return web.json_response(result(asked, {"tools": self.tools}))
        return web.json_response(said(asked))


def result(asked: Asked, value: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """An answer. Revisions that know no type of a result pass over it."""
    value = {"resultType": "complete", **value} if isinstance(value, dict) else value
    return {"jsonrpc": "2.0", "id": asked["id"], "result": value}


def error(asked: Asked, code: Any, message: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """A refusal."""
    return {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": code, "message": message}}


def said(asked: Asked, text: str = "said") -> dict[str, Any]:
    """What a well-behaved call answers."""
    return result(asked, {"content": [{"type": "text", "text": text}]})


def stream(*events: Any) -> Manner:  # noqa: ANN401 - text as it is, JSON as an event, a function of what was asked
    """An event stream, which ends behind the last event."""

    async def answer(_server: BadServer, request: web.Request, asked: Asked) -> web.StreamResponse:
        response = await opened(request)
        for event in events:
            value = event(asked) if callable(event) else event
            text = value if isinstance(value, str) else f"data: {json.dumps(value)}\n\n"
            await response.write(text.encode("utf-8", "surrogatepass"))
        return response

    return answer


def body(text: Any, **fields: Any) -> Manner:  # noqa: ANN401 - text, JSON, or a function of what was asked
    """A whole answer."""

    async def answer(_server: BadServer, _request: web.Request, asked: Asked) -> web.StreamResponse:
        value = text(asked) if callable(text) else text
        whole = value if isinstance(value, str | bytes) else json.dumps(value)
        headers = {"Content-Type": "application/json", **fields.get("headers", {})}
        sent = whole.encode() if isinstance(whole, str) else whole
        return web.Response(body=sent, status=fields.get("status", 200), headers=headers)

    return answer


async def opened(request: web.Request, kind: str = "text/event-stream") -> web.StreamResponse:
    """A stream that is open."""
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    return response
