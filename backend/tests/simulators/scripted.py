"""A provider that answers by a script, byte for byte; it keeps what it was asked."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

DONE = "data: [DONE]\n\n"
_BETWEEN_HEARTBEATS = 0.05


@dataclass(frozen=True)
class Reply:
    """One answer: blocks of bytes or text, each a write of its own. What happens behind them: `then`.

    `end`: the answer ends. `silence`: it stays open. `heartbeats`: it stays open with comments. `cut`: it breaks.
    """

    blocks: Sequence[bytes | str] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})
    then: str = "end"
    before: float = 0.0

    @classmethod
    def json(cls, body: Any, *, status: int = 200, **headers: str) -> "Reply":  # noqa: ANN401 - any JSON value
        """One body of JSON."""
        return cls([json.dumps(body)], status, {"Content-Type": "application/json", **headers})


def event(chunk: Any) -> str:  # noqa: ANN401 - any JSON value
    """One chunk of OpenAI's stream."""
    return f"data: {json.dumps(chunk)}\n\n"


def says(text: str, *, usage: Any = None, finish: str = "stop") -> Reply:  # noqa: ANN401 - any JSON value
    """A usual answer of OpenAI's wire."""
    counts = {"prompt_tokens": 11, "completion_tokens": 5} if usage is None else usage
    return Reply(
        [
            event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}),
            event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}),
            event({"choices": [], "usage": counts}),
            DONE,
        ]
    )


Script = Callable[[dict[str, Any]], Reply]


class ScriptedServer:
    """The server. `replies` are given one after the other, the last one for ever; `answer` decides by the request."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [says("Hello")]
        self.answer: Script | None = None
        self.models: Any = {"object": "list", "data": [{"id": "m", "max_model_len": 8192}]}
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.url = ""
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "ScriptedServer":
        application = web.Application(client_max_size=32 * 2**20)
        application.router.add_get("/{path:.*}", self._list)
        application.router.add_post("/{path:.*}", self._chat)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._released.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def begin(self, *replies: Reply, answer: Script | None = None) -> None:
        """Forget what was asked, and answer like this from now on."""
        self.bodies.clear()
        self.headers.clear()
        self.paths.clear()
        self.replies, self.answer = list(replies), answer

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response(self.models)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        body = json.loads(await request.read())
        self.bodies.append(body)
        if self.answer is not None:
            return await self._give(request, self.answer(body))
        return await self._give(request, self.replies[min(len(self.bodies), len(self.replies)) - 1])

    async def _give(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        response = web.StreamResponse(status=reply.status, headers=dict(reply.headers))
        with suppress(TimeoutError):
            async with asyncio.timeout(reply.before):
                await self._released.wait()
        await response.prepare(request)
        for block in reply.blocks:
            await response.write(block.encode() if isinstance(block, str) else block)
        if reply.then == "silence":
            await self._released.wait()
        while reply.then == "heartbeats" and not self._released.is_set():
            await response.write(b": still here\n\n")
            await asyncio.sleep(_BETWEEN_HEARTBEATS)
        if reply.then == "cut" and request.transport is not None:
            request.transport.abort()
            return response
        await response.write_eof()
        return response
