"""A paced model server that speaks OpenAI's wire; each token is the time at which it was written.

`python -m benchmarks.upstream`: listens on a free port of the loopback address and prints it.
"""

import asyncio
import itertools
import sys
import time
from collections.abc import Callable
from typing import cast

import orjson
import uvloop

from benchmarks.plan import PLANS, Plan

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
_END_OF_HEAD = b"\r\n\r\n"
_GOLDEN = 0.6180339887
_answers = itertools.count()


def listed_models() -> bytes:
    """The answer of /models. A usual window: a long chat does not fit into it."""
    rows = [
        {"id": plan.model, "object": "model", "created": 1, "owned_by": "benchmarks", "context_window": 128_000}
        for plan in PLANS
    ]
    return orjson.dumps({"object": "list", "data": rows})


class Upstream(asyncio.Protocol):
    """One kept-alive connection: a request, its paced answer, the next request."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Stop writing."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is whole."""
        self._buffer += data
        head, mark, body = self._buffer.partition(_END_OF_HEAD)
        if mark and len(body) >= _content_length(head):
            self._buffer.clear()
            self._answer(bytes(head), bytes(body))

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET"):
            models = listed_models()
            self._write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(models)
            )
            self._write(models)
        else:
            model = str(orjson.loads(body)["model"])
            _Answer(self._write, model=model, prompt_tokens=len(body) // 4).begin(self._at)

    def _at(self, when: float, action: Callable[[], None]) -> None:
        self._timer = self._loop.call_at(when, action)

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


class _Answer:
    """A streamed answer in the making."""

    def __init__(self, write: Callable[[bytes], None], *, model: str, prompt_tokens: int) -> None:
        self._write = write
        self._plan = Plan.of(model)
        self._prompt_tokens = prompt_tokens
        self._written = 0
        self._arrived_ms = time.time() * 1000
        self._began = asyncio.get_running_loop().time()
        self._phase = next(_answers) * _GOLDEN % 1  # answers that begin together do not beat together
        chunk = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1, "model": model}
        self._frame = orjson.dumps(chunk)[:-1]

    def begin(self, at: Callable[[float, Callable[[], None]], None]) -> None:
        """Write the head, then each token at its time, whatever the delay of the one before."""
        self._at = at
        self._write(_HEAD)
        self._chunk(b'"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]')
        self._next()

    def _next(self) -> None:
        if self._plan.pause_ms == 0:
            while self._written < self._plan.tokens:
                self._token()
            self._end()
        elif self._written == self._plan.tokens:
            self._end()
        else:
            self._at(self._began + (self._written + self._phase) * self._plan.pause_ms / 1000, self._paced)

    def _paced(self) -> None:
        self._token()
        self._next()

    def _token(self) -> None:
        """`t<ms>`; the first is preceded by `a<ms>`, when the request had arrived."""
        text = b"t%.3f " % (time.time() * 1000)
        if self._written == 0:
            text = b"a%.3f " % self._arrived_ms + text
        self._written += 1
        self._chunk(b'"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]' % text)

    def _end(self) -> None:
        self._chunk(b'"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]')
        counts = (self._prompt_tokens, self._plan.tokens, self._prompt_tokens + self._plan.tokens)
        self._chunk(
            b'"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}' % counts,
        )
        self._send(b"data: [DONE]\n\n")
        self._write(b"0\r\n\r\n")

    def _chunk(self, rest: bytes) -> None:
        self._send(b"data: %s,%s}\n\n" % (self._frame, rest))

    def _send(self, data: bytes) -> None:
        self._write(b"%x\r\n%s\r\n" % (len(data), data))


def _content_length(head: bytes | bytearray) -> int:
    for line in bytes(head).lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


async def serve() -> None:
    """Listen until killed."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"listening on {server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve())
