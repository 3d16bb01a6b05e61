"""What all wires over plain HTTP share: send the request, read the stream, know when it is over."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import aiohttp

from coda.core.guarded_http import OutboundError, OutboundHttp
from coda.core.guarded_http.encoding import inflate_of
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import connection_error
from coda.llm.adapters.posting import timeouts
from coda.llm.adapters.reader import StreamReader
from coda.llm.errors import MalformedAnswer
from coda.llm.types import ChatDelta, ChatRequest

_LINGER: Final = 0.05
_GRACE: Final = 0.75
"""Seconds that a finished stream may stay open with all that can come of it."""
_GRACE_FOR_USAGE: Final = 4.0
"""The same where its usage has not come."""


class HttpChat(ABC):
    """Chat at one endpoint."""

    def __init__(self, http: OutboundHttp, endpoint: Endpoint, settings: LlmSettings) -> None:
        self._http, self._endpoint = http, endpoint
        self._limits = timeouts(settings)

    @abstractmethod
    async def _open(self, request: ChatRequest) -> aiohttp.ClientResponse:
        """Send the request; raises what a refusal means."""

    @abstractmethod
    def _reader(self, request: ChatRequest) -> StreamReader:
        """What reads the answer."""

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask, and yield what comes; closing the iterator closes the connection."""
        response: aiohttp.ClientResponse | None = None
        reader = self._reader(request)
        try:
            response = await self._open(request)
            inflate = inflate_of(response.headers.get("Content-Encoding"))
            ending = _Ending()
            while not reader.is_over and (block := await ending.next_block(response.content)):
                deltas = reader.feed(block if inflate is None else inflate(block))
                for delta in deltas:
                    yield delta
                if reader.is_finished:
                    ending.is_near(with_usage=reader.usage is not None, is_news=bool(deltas))
            for delta in reader.end():
                yield delta
            if reader.failure is not None:
                raise reader.failure
            await _let_end(response)
        except OutboundError as error:
            raise MalformedAnswer(error.message) from error
        except (aiohttp.ClientError, OSError) as error:
            for delta in reader.held_back():
                yield delta
            raise connection_error(error, has_begun=response is not None) from error
        finally:
            if response is not None:
                response.close()


class _Ending:
    """Ends a stream that is finished and stays open: silent, or with heartbeats."""

    __slots__ = ("_deadline", "_with_usage")

    def __init__(self) -> None:
        self._deadline: float | None = None
        self._with_usage = False

    def is_near(self, *, with_usage: bool, is_news: bool) -> None:
        """The model has said why it stopped. `is_news`: the last block had something of the answer in it."""
        if is_news or self._deadline is None or with_usage != self._with_usage:
            grace = _GRACE if with_usage else _GRACE_FOR_USAGE
            self._deadline, self._with_usage = asyncio.get_running_loop().time() + grace, with_usage

    async def next_block(self, content: aiohttp.StreamReader) -> bytes:
        """The next block; empty at the end. A finished answer is whole, however its connection ends."""
        if self._deadline is None:
            return await content.readany()
        with suppress(aiohttp.ClientError, OSError):
            async with asyncio.timeout_at(self._deadline):
                return await content.readany()
        return b""


async def _let_end(response: aiohttp.ClientResponse) -> None:
    """Read the end of the body if it is about to come: only then can the connection be used again."""
    with suppress(aiohttp.ClientError, OSError):
        async with asyncio.timeout(_LINGER):
            while await response.content.readany():
                pass
