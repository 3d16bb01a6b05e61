"""The bridge of `coda mcp`, over a server that says what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from coda.gateways.mcp_server.bridge import Bridge
from tests.runs.waiting import until

CALL: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask"}}
NOTE: dict[str, Any] = {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"}


class Lines:
    """What a client says, line by line, and what it is told."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.told: list[dict[str, Any]] = []

    def say(self, *messages: Mapping[str, Any] | bytes) -> None:
        for message in messages:
            self._waiting.put_nowait(message if isinstance(message, bytes) else orjson.dumps(message))

    def end(self) -> None:
        self._waiting.put_nowait(None)

    def write(self, line: bytes) -> None:
        self.told.append(orjson.loads(line))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (line := await self._waiting.get()) is not None:
            yield line


class Server:
    """Answers requests with `body`, and notifications once `is_let` is set. `heard` is what came, to the letter."""

    def __init__(self) -> None:
        self.body, self.kind = b"", "text/event-stream"
        self.is_let = asyncio.Event()
        self.heard: list[bytes] = []

    async def answer(self, request: web.Request) -> web.Response:
        line = await request.read()
        self.heard.append(line)
        if b'"id"' not in line:
            await self.is_let.wait()
            return web.Response(status=202)
        return web.Response(body=self.body, content_type=self.kind)


@asynccontextmanager
async def bridged(server: Server) -> AsyncIterator[Lines]:
    """A client at one end, the server at the other."""
    app, lines = web.Application(), Lines()
    app.router.add_post("/mcp", server.answer)
    async with TestServer(app) as served, aiohttp.ClientSession() as http:
        running = asyncio.create_task(Bridge(http, str(served.make_url("/mcp")), lines.write).run(aiter(lines)))
        yield lines
        server.is_let.set()
        lines.end()
        await running


async def test_a_notification_that_hangs_keeps_nobody_waiting() -> None:
    server = Server()
    server.body = b'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
    async with bridged(server) as lines:
        lines.say(NOTE, CALL)
        await until(lambda: bool(lines.told))

    assert lines.told == [{"jsonrpc": "2.0", "id": 1, "result": {}}]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/event-stream", b'data: {"jsonrpc":"2.0","id":1,"resu\n\n'),
        ("text/event-stream", b"data: [1]\n\ndata: null\n\n"),
        ("text/event-stream", b'data: {"jsonrpc":"2.0","id":1,"result":{}}'),
        ("text/event-stream", b"\xff\xfe"),
        ("application/json", b'{"jsonrpc":"2.0",'),
        ("application/json", b"[]"),
        ("text/html", b"<html>"),
    ],
)
async def test_what_cannot_be_read_of_an_answer_is_an_error(kind: str, body: bytes) -> None:
    server = Server()
    server.body, server.kind = body, kind
    async with bridged(server) as lines:
        lines.say(CALL)
        await until(lambda: bool(lines.told))

    assert [(message["id"], message["error"]["code"]) for message in lines.told] == [(1, -32000)]


async def test_behind_a_broken_event_the_answer_may_still_come() -> None:
    server = Server()
    server.body = b'data: {"method":\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
    async with bridged(server) as lines:
        lines.say(CALL)
        await until(lambda: bool(lines.told))

    assert lines.told == [{"jsonrpc": "2.0", "id": 1, "result": {}}]


async def test_what_is_said_is_passed_on_to_the_letter() -> None:
    """Numbers that no float holds, too."""
    server, line = Server(), b'{"jsonrpc":"2.0","id":1,"method":"x","params":{"n":123456789012345678901234567890}}'
    server.body = b'data: {"jsonrpc":"2.0","id":1,"result":{}}\n\n'
    async with bridged(server) as lines:
        lines.say(line)
        await until(lambda: bool(lines.told))

    assert server.heard == [line]
