"""Reads the body of a streamed answer block by block, and knows when one takes too long to come, or the end does."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import aiohttp

from coda.core.guarded_http.encoding import Inflate, inflate_of
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint

_GRACE: Final = 0.75
"""Seconds that a finished stream may stay open with all that can come of it."""
_GRACE_FOR_USAGE: Final = 4.0
"""The same where its usage has not come."""
_LINGER: Final = 0.05
_LARGEST: Final = 65_536
"""Bytes of a block: all that lies ready may be thousands of events, which would be read in one go."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds a model may be silent: before its first token, and from then on."""

    first: float
    idle: float

    @classmethod
    def of(cls, endpoint: Endpoint, settings: LlmSettings) -> "Patience":
        """As it is set for the endpoint, else for all."""
        first = endpoint.first_token_seconds or settings.first_token_timeout.total_seconds()
        return cls(first, endpoint.idle_seconds or settings.idle_timeout.total_seconds())


class Blocks:
    """The body of a response, unpacked; it is closed with it. Reading raises TimeoutError where it is silent too long.

    A stream that is finished and stays open, silent or with heartbeats, ends all the same. `has_news`: something of the
    answer has come.
    """

    __slots__ = (
        "_content", "_deadline", "_due", "_has_usage", "_inflate", "_is_begun", "_limit", "_loop", "_patience",
        "_plain", "_response", "_watch", "has_news",
    )  # fmt: skip

    def __init__(self, response: aiohttp.ClientResponse, patience: Patience) -> None:
        self._response, self._content = response, response.content
        self._patience, self._limit = patience, patience.first
        self._inflate: Inflate | None = None
        self._is_begun = self.has_news = False
        self._plain = memoryview(b"")
        self._loop = asyncio.get_running_loop()
        self._due: float | None = None
        self._watch = self._loop.call_later(self._limit, self._look)
        self._deadline: float | None = None
        self._has_usage = False

    def heard(self, *, is_news: bool, is_finished: bool, has_usage: bool) -> None:
        """What the last block had: something of the answer, the reason of its end, the usage."""
        if is_news and not self.has_news:
            self.has_news = True
            self._limit = self._patience.idle
            self._watch.cancel()
            self._watch = self._loop.call_later(self._limit, self._look)
        if is_finished and (is_news or self._deadline is None or has_usage != self._has_usage):
            self._deadline = self._loop.time() + (_GRACE if has_usage else _GRACE_FOR_USAGE)
            self._has_usage = has_usage

    async def next(self) -> bytes:
        """The next block; empty at the end."""
        if not self._is_begun:
            self._is_begun = True
            self._inflate = inflate_of(self._response.headers.get("Content-Encoding"))
        if self._inflate is not None:
            return await self._unpacked(self._inflate)
        if self._deadline is not None:
            return await self._packed()
        self._due = self._loop.time() + self._limit
        block = await self._content.read(_LARGEST)
        self._due = None
        return block

    async def let_end(self) -> None:
        """Read the end of the body if it is about to come: only then can the connection be used again."""
        with suppress(aiohttp.ClientError, OSError):
            async with asyncio.timeout(_LINGER):
                while await self._content.readany():
                    pass

    def close(self) -> None:
        """Let go of the connection."""
        self._watch.cancel()
        self._response.close()

    def _look(self) -> None:
        """One timer looks from time to time whether a read is overdue: setting one for each costs more than reading."""
        now = self._loop.time()
        due = self._due if self._due is not None else now + self._limit
        if due <= now:
            self._content.set_exception(aiohttp.SocketTimeoutError("the model is silent"))
        else:
            self._watch = self._loop.call_at(due, self._look)

    async def _unpacked(self, inflate: Inflate) -> bytes:
        while not self._plain and (block := await self._packed()):
            self._plain = memoryview(inflate(block))
        piece, self._plain = self._plain[:_LARGEST], self._plain[_LARGEST:]
        return bytes(piece)

    async def _packed(self) -> bytes:
        """A finished answer is whole, however its connection ends."""
        if self._deadline is None:
            self._due = self._loop.time() + self._limit
            block = await self._content.read(_LARGEST)
            self._due = None
            return block
        with suppress(aiohttp.ClientError, OSError):
            async with asyncio.timeout_at(self._deadline):
                return await self._content.read(_LARGEST)
        return b""
