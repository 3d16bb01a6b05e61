"""A small OpenAI-compatible server that misbehaves on demand; the model's name says how.

`ok`, `paced-n50-d10` (50 tokens, one each 10 ms, each with the time at which it was written), `slow-500` (first byte
after 500 ms), `cut-3`, `stall-3`, `malformed-3`, `error-3` (after 3 tokens), `status-503`, `status-429-retry-1`,
`flaky-2` (fails twice, then answers), `no-usage`, `no-done`, `whole` (does not stream), `usage-each`, `comments`,
`no-stream-options`, `parts`, `calls-without-index`, `xai-usage`, `empty`, `calls-2000` (so many in one turn),
`endless-text`, `endless-reasoning`, `endless-arguments`, `endless-calls` (they never end), `letters-text-30000` (so
many deltas of one letter, all at once; `reasoning`, `arguments` and `packed` likewise), `echo` (the question).
"""

import asyncio
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from aiohttp import web

_TOKENS = ("One ", "two ", "three ", "four ", "five ")
_PIECE = 10_000
_USAGE = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}


class FaultServer:
    """The server; keeps what it was asked and who hung up."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.listing_headers: list[dict[str, str]] = []
        self.hung_up = asyncio.Event()
        self.connections: set[tuple[str, int]] = set()
        self._failures: Counter[str] = Counter()
        self._release = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "FaultServer":
        application = web.Application(client_max_size=32 * 2**20)
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/{path:.*}", self._chat)
        self._runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._release.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        self.listing_headers.append(dict(request.headers))
        return web.json_response({"object": "list", "data": [{"id": "ok", "max_model_len": 4096}, {"id": "whole"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        self.connections.add(request.transport.get_extra_info("peername") if request.transport else ("", 0))
        mode, *numbers = re.split(r"-", str(body.get("model", "ok")))
        if mode == "status" or (mode == "flaky" and self._fails_again(body["model"], int(numbers[0]))):
            return _refusal(int(numbers[0]) if mode == "status" else 503, numbers[2] if len(numbers) > 2 else None)
        if body.get("stream_options") and body["model"] == "no-stream-options":
            return web.json_response({"error": {"message": "Unknown field: stream_options"}}, status=400)
        if mode == "whole":
            return web.json_response(_whole())
        if mode == "echo":
            return await self._stream(request, body["model"], _pieces(body["messages"][-1]["content"]))
        return await self._stream(request, body["model"])

    def _fails_again(self, model: str, times: int) -> bool:
        self._failures[model] += 1
        return self._failures[model] <= times

    async def _stream(self, request: web.Request, model: str, said: Sequence[str] = _TOKENS) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        if model.startswith("letters-packed-"):
            response.enable_compression(web.ContentCoding.gzip)
        try:
            if model.startswith("slow-"):
                await asyncio.sleep(int(model.removeprefix("slow-")) / 1000)
            await response.prepare(request)
            async for block in self._blocks(model, said):
                await response.write(block)
            await response.write_eof()
        except (ConnectionResetError, asyncio.CancelledError):
            self.hung_up.set()
            raise
        except _Abort:
            if request.transport is not None:
                request.transport.abort()
        return response

    async def _blocks(self, model: str, said: Sequence[str]) -> AsyncIterator[bytes]:
        yield _event({"role": "assistant", "content": ""})
        fault, _, number = model.partition("-")
        if fault == "letters":
            yield _letters(*number.split("-"))
        async for at, delta in _deltas(model, said):
            if fault in ("cut", "stall", "malformed", "error") and at == int(number):
                yield await self._fault(fault)
            if model == "comments":
                yield b": still working\n\nevent: ping\n\n"
            yield _event(delta, usage=_USAGE if model == "usage-each" else None)
        yield _event({}, finish="tool_calls" if model.startswith("calls-") else "stop")
        if model == "xai-usage":
            yield _usage({**_USAGE, "total_tokens": 23, "completion_tokens_details": {"reasoning_tokens": 7}})
        elif model not in ("no-usage", "usage-each"):
            yield _usage(_USAGE)
        if model != "no-done":
            yield b"data: [DONE]\n\n"

    async def _fault(self, fault: str) -> bytes:
        if fault == "cut":
            raise _Abort
        if fault == "stall":
            await self._release.wait()
        if fault == "error":
            return b'data: {"error": {"message": "The model is overloaded.", "type": "overloaded_error"}}\n\n'
        return b'data: {"choices": [{"delta": {"content": "half\n\n' if fault == "malformed" else b""


class _Abort(Exception):
    """Break the connection as it is."""


async def _deltas(model: str, said: Sequence[str]) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    if paced := re.fullmatch(r"paced-n(\d+)-d(\d+)", model):
        for at in range(int(paced.group(1))):
            await asyncio.sleep(int(paced.group(2)) / 1000)
            yield at, {"content": f"t{time.time() * 1000:.3f} "}
    elif model == "parts":
        yield 0, {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}
        yield 1, {"content": [{"type": "text", "text": "done"}]}
    elif model == "calls-without-index":
        yield 0, {"tool_calls": [{"id": "a", "function": {"name": "first", "arguments": "{}"}}]}
        yield 1, {"tool_calls": [{"id": "b", "function": {"name": "second", "arguments": {"x": 1}}}]}
    elif model.startswith(("calls-", "endless-")):
        kind, _, what = model.partition("-")
        for at in range(int(what)) if kind == "calls" else itertools.count():
            await asyncio.sleep(0)
            yield at, _ENDLESS[what](at) if kind == "endless" else _call(at, f'{{"expression": "{at}+1"}}')
    elif model != "empty" and not model.startswith("letters-"):
        for at, token in enumerate(said):
            yield at, {"content": token}


def _call(index: int, arguments: str) -> dict[str, Any]:
    function = {"name": "calculator", "arguments": arguments}
    return {"tool_calls": [{"index": index, "id": f"call_{index}", "function": function}]}


def _more(arguments: str) -> dict[str, Any]:
    return {"tool_calls": [{"index": 0, "function": {"arguments": arguments}}]}


_ENDLESS: dict[str, Callable[[int], dict[str, Any]]] = {
    "text": lambda _: {"content": "on and on "},
    "reasoning": lambda _: {"reasoning_content": "on and on "},
    "arguments": lambda at: _call(0, '{"expression": "') if not at else _more(f"{at}+"),
    "calls": lambda at: _call(at, "{}"),
}


def _letters(kind: str, number: str) -> bytes:
    """So many deltas, all of which lie ready at once."""
    first, letter = {
        "text": (b"", {"content": "a"}),
        "packed": (b"", {"content": "a"}),
        "reasoning": (b"", {"reasoning_content": "a"}),
        "arguments": (_event(_call(0, "")), _more("a")),
    }[kind]
    return first + _event(letter) * int(number)


def _pieces(text: str) -> Sequence[str]:
    return [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]


def _event(delta: dict[str, Any], *, finish: str | None = None, usage: dict[str, Any] | None = None) -> bytes:
    body: dict[str, Any] = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    if usage is not None:
        body["usage"] = usage
    return f"data: {json.dumps(body)}\n\n".encode()


def _usage(usage: dict[str, Any]) -> bytes:
    return f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n".encode()


def _whole() -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(_TOKENS)}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}], "usage": _USAGE}


def _refusal(status: int, retry_after: str | None) -> web.Response:
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return web.json_response({"error": {"message": "Refused by the simulator."}}, status=status, headers=headers)
