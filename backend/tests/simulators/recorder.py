"""An OpenAI-compatible provider that keeps each request as it came, byte for byte, and answers by a script."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Self

from aiohttp import web

USAGE = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
Delta = dict[str, Any]


def calling(*calls: tuple[str, dict[str, Any]]) -> Sequence[Delta]:
    """A turn that asks for tools, each as (name, arguments)."""
    return [
        {"tool_calls": [{"index": place, "id": f"call_{place}", "function": _function(name, arguments)}]}
        for place, (name, arguments) in enumerate(calls)
    ]


def saying(*words: str) -> Sequence[Delta]:
    """A turn of text."""
    return [{"content": word} for word in words]


def _function(name: str, arguments: dict[str, Any]) -> dict[str, str]:
    return {"name": name, "arguments": json.dumps(arguments)}


class Recorder:
    """The server. `script` has one turn per request, the last for all that follow; `hold(n)` stops within the nth."""

    def __init__(self, *, window: int = 8_192) -> None:
        self.window = window
        self.bodies: list[bytes] = []
        self.script: list[Sequence[Delta]] = [saying("Done.")]
        self.finish: dict[int, str] = {}
        self.url = ""
        self._held: dict[int, int] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        application = web.Application(client_max_size=32 * 2**20)
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def begin(self, *script: Sequence[Delta]) -> None:
        """Forget all that was asked, and answer like this from now on."""
        self.bodies.clear()
        self._held.clear()
        self.finish.clear()
        self.script = list(script)

    def hold(self, number: int, *, after: int = 1) -> None:
        """Stop within the nth answer, behind so many deltas; it will never end."""
        self._held[number] = after

    def messages(self, number: int) -> list[dict[str, Any]]:
        """The prompt of the nth request, counted from 1."""
        found: list[dict[str, Any]] = json.loads(self.bodies[number - 1])["messages"]
        return found

    def turn_for(self, number: int) -> Sequence[Delta]:
        """What is said to the nth request."""
        return self.script[min(number, len(self.script)) - 1]

    async def _models(self, _request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": "recorder", "max_model_len": self.window}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.read())
        number = len(self.bodies)
        turn = self.turn_for(number)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for place, delta in enumerate(turn):
            if self._held.get(number) == place:
                await asyncio.Event().wait()
            await response.write(_event(delta))
        if self._held.get(number) == len(turn):
            await asyncio.Event().wait()
        usual = "tool_calls" if "tool_calls" in turn[-1] else "stop"
        await response.write(_event({}, finish=self.finish.get(number, usual)))
        await response.write(f"data: {json.dumps({'choices': [], 'usage': USAGE})}\n\ndata: [DONE]\n\n".encode())
        await response.write_eof()
        return response


def _event(delta: Delta, *, finish: str | None = None) -> bytes:
    body = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(body)}\n\n".encode()
