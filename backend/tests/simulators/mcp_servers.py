"""MCP servers for tests, each in a thread with an event loop of its own: one of the SDK's, and one that misbehaves."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
from aiohttp import web
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

SECRET: Final = "a-secret-of-some-length"
READS: Final = ToolAnnotations(read_only_hint=True)
HANDSHAKE: Final = "2025-06-18"


class ToolServer:
    """A server of the SDK's with a few tools. It keeps what it was asked; `is_old`: it knows no `server/discover`."""

    def __init__(self, *, is_old: bool = False) -> None:
        self.is_old = is_old
        self.url = ""
        self.bearer: str | None = None
        self.headers: list[dict[str, str]] = []
        self.methods: list[str] = []
        self.metas: list[dict[str, Any]] = []
        self.began, self.was_cancelled = threading.Event(), threading.Event()
        self.mcp = MCPServer("Tools of a test")
        self._add_tools()
        self._inner: Any = None

    def describe(self, description: str) -> None:
        """Let `add` say something else of itself."""
        self.mcp.remove_tool("add")
        self._add_add(description)

    def _add_add(self, description: str) -> None:
        async def add(a: int, b: int, ctx: Context) -> dict[str, int]:
            self.metas.append(dict(ctx.request_context.meta or {}))
            return {"sum": a + b}

        self.mcp.add_tool(add, description=description, annotations=READS, title="Added numbers")

    def _add_tools(self) -> None:
        self._add_add("Add two numbers.")

        @self.mcp.tool(structured_output=False, annotations=READS)
        async def letters(count: int) -> str:
            """So many letters."""
            return "x" * count

        @self.mcp.tool(annotations=READS)
        async def hang() -> str:
            """Never answers."""
            self.began.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.was_cancelled.set()
                raise
            return ""

        @self.mcp.tool(annotations=READS)
        async def fails() -> str:
            """Says that it cannot."""
            raise ToolError("the well is dry")

        @self.mcp.tool(annotations=ToolAnnotations(destructive_hint=True, open_world_hint=True))
        async def remove(name: str) -> str:
            """Removes something."""
            return name

        @self.mcp.tool(annotations=ToolAnnotations(idempotent_hint=True))
        async def put(name: str) -> str:
            """Puts something where it was."""
            return name

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - ASGI
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        self.headers.append(headers)
        if self.bearer is not None and headers.get("authorization") != f"Bearer {self.bearer}":
            await _answer(send, 401, {"error": "unauthorized"})
            return
        body = b""
        if scope["method"] == "POST":
            more = True
            while more:
                message = await receive()
                body, more = body + message.get("body", b""), message.get("more_body", False)
            asked = json.loads(body)
            self.methods.append(asked["method"])
            if self.is_old and asked["method"] == "server/discover":
                unknown = {"code": -32601, "message": "Method not found"}
                await _answer(send, 200, {"jsonrpc": "2.0", "id": asked["id"], "error": unknown})
                return
        told = False

        async def again() -> Any:  # noqa: ANN401 - ASGI
            nonlocal told
            if scope["method"] == "POST" and not told:
                told = True
                return {"type": "http.request", "body": body, "more_body": False}
            return await receive()

        await self._inner(scope, again, send)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["ToolServer"]:
        """Serve until the end of the block."""
        self._inner = self.mcp.streamable_http_app()
        server = uvicorn.Server(uvicorn.Config(self, port=0, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:  # noqa: ASYNC110 - another thread's flag
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/mcp"
        try:
            yield self
        finally:
            server.should_exit = True
            await asyncio.to_thread(thread.join, 10)


async def _answer(send: Any, status: int, body: Any) -> None:  # noqa: ANN401 - ASGI
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


class HostileServer:
    """Speaks the handshake well, lists what `tools` says, and answers calls as the path asks for.

    `/junk` no JSON, `/html` the wrong type, `/large` 50 MB, `/dies` breaks off, `/hangs` says nothing, `/500`,
    `/refuses` an error of its own words, `/nothing` a result without content, `/stream` an event stream that ends
    early, `/announces` that its tools have changed and then well, `/redirect/<url>` elsewhere.
    """

    def __init__(self) -> None:
        self.tools: list[dict[str, Any]] = [{"name": "go", "inputSchema": {"type": "object"}}]
        self.calls = 0
        self.has_call = asyncio.Event()
        self.url = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["HostileServer"]:
        """Serve until the end of the block."""
        application = web.Application()
        application.router.add_route("*", "/{how}", self._handle)
        runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.method != "POST":
            return web.Response(status=405)
        asked = await request.json()
        how = request.match_info["how"]
        if how == "redirect":
            raise web.HTTPTemporaryRedirect("http://169.254.169.254/mcp")
        if "id" not in asked:
            if (how, asked["method"]) == ("hangs", "notifications/cancelled"):
                await asyncio.Event().wait()
            return web.Response(status=202)
        if asked["method"] == "server/discover":
            return web.json_response(_error(asked, -32601, "Method not found"))
        if asked["method"] == "initialize":
            return web.json_response(_result(asked, _HELLO))
        if asked["method"] == "tools/list":
            return web.json_response(_result(asked, {"tools": self.tools}))
        self.calls += 1
        self.has_call.set()
        return await self._misbehave(how, asked, request)

    async def _misbehave(self, how: str, asked: dict[str, Any], request: web.Request) -> web.StreamResponse:
        if how == "hangs":
            await asyncio.Event().wait()
        if how == "large":
            return await _endless(request)
        if how == "dies":
            assert request.transport is not None
            request.transport.abort()
        if how in _EVENTS:
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            for event in _EVENTS[how]:
                told = event | ({"id": asked["id"]} if "result" in event else {})
                await response.write(f"data: {json.dumps(told)}\n\n".encode())
            return response
        answers: dict[str, web.Response] = {
            "junk": web.Response(text="{'jsonrpc': oops", content_type="application/json"),
            "html": web.Response(text="<p>Hello", content_type="text/html"),
            "500": web.Response(status=500, text="oops"),
            "refuses": web.json_response(_error(asked, -32000, "Not on Sundays. " * 200)),
            "nothing": web.json_response(_result(asked, {"what": 1})),
        }
        return answers.get(how, web.Response(status=404))


_EVENTS: Final[dict[str, list[dict[str, Any]]]] = {
    "stream": [],
    "announces": [
        {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"},
        {"jsonrpc": "2.0", "result": {"content": [{"type": "text", "text": "said"}]}},
    ],
}
_HELLO: Final = {
    "protocolVersion": HANDSHAKE,
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "hostile", "version": "1"},
}


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(50):
        await response.write(b" " * 1_000_000)
    return response


def _result(asked: dict[str, Any], result: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"jsonrpc": "2.0", "id": asked["id"], "result": result}


def _error(asked: dict[str, Any], code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": code, "message": message}}
