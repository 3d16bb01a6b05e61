"""A stream of server-sent events that opens early, is never silent for long, and ends when its client leaves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy.exc import DBAPIError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from coda.core.db import DatabaseUnavailable, is_database_away
from coda.core.errors import CodaError
from coda.gateways.streaming.leaving import client_left, end_tasks

_COMMENT: Final = b": still working\n\n"
_NO_CACHE: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class StreamPace:
    """When a stream opens that has nothing to say yet, and how often it then shows that it is alive.

    What fails before `first_moment` is over can still be answered with an HTTP status of its own.
    """

    first_moment: timedelta = timedelta(milliseconds=500)
    keep_alive: timedelta = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class StreamSource:
    """What a stream sends.

    `opening` goes out with the headers. `blocks` may raise a CodaError: an HTTP answer while the stream is closed, and
    `error_block` once it is open. `finish` is awaited however the request ends.
    """

    blocks: AsyncIterator[bytes]
    error_block: Callable[[CodaError], bytes]
    finish: Callable[[], Awaitable[None]]
    opening: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class EventStream(Response):
    """Sends a source. All of it is read in one task, which is cancelled when the client leaves."""

    media_type = "text/event-stream"

    def __init__(self, source: StreamSource, pace: StreamPace) -> None:
        super().__init__(headers={**_NO_CACHE, **source.headers})
        del self.headers["content-length"]
        self._source, self._pace = source, pace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's form
        """Send until the end, or until the client leaves; raises what `blocks` raises before the stream is open."""
        line = _Line(send, self)
        sending = asyncio.create_task(self._send(line))
        waiting = asyncio.create_task(self._keep_alive(line))
        leaving = asyncio.create_task(client_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            is_sent = sending.done()
            await end_tasks(sending, waiting, leaving)
            await self._source.finish()
        if is_sent:
            sending.result()
            await line.close()

    async def _send(self, line: "_Line") -> None:
        try:
            async for block in self._source.blocks:
                await line.write(block)
        except (CodaError, DBAPIError) as error:
            told = _told(error)
            if not line.is_open:
                raise told from error
            await line.write(self._source.error_block(told))

    async def _keep_alive(self, line: "_Line") -> None:
        await asyncio.sleep(self._pace.first_moment.total_seconds())
        await line.write(b"")
        pause = self._pace.keep_alive.total_seconds()
        while True:
            silent = line.silent_for()
            if silent >= pause:
                await line.write(_COMMENT)
            else:
                await asyncio.sleep(pause - silent)

    @property
    def opening(self) -> bytes:
        """What goes out with the headers."""
        return self._source.opening


class _Line:
    """The way to the client. Two tasks write: one what there is to say, the other that there is nothing."""

    def __init__(self, send: Send, stream: EventStream) -> None:
        self._send, self._stream = send, stream
        self._turn = asyncio.Lock()
        self._last = asyncio.get_running_loop().time()
        self.is_open = False

    def silent_for(self) -> float:
        """Seconds since something was written."""
        return asyncio.get_running_loop().time() - self._last

    async def write(self, block: bytes) -> None:
        """Send a block, and before the first one the headers."""
        async with self._turn:
            if not self.is_open:
                self.is_open = True
                block = self._stream.opening + block
                start = {"status": self._stream.status_code, "headers": self._stream.raw_headers}
                await self._send({"type": "http.response.start", **start})
            self._last = asyncio.get_running_loop().time()
            if block:
                await self._send({"type": "http.response.body", "body": block, "more_body": True})

    async def close(self) -> None:
        """The end of the body."""
        await self.write(b"")
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _told(error: CodaError | DBAPIError) -> CodaError:
    if isinstance(error, CodaError):
        return error
    if is_database_away(error):
        return DatabaseUnavailable()
    raise error
