"""The HTTP beneath a conversation with an MCP server: over our guarded client, bounded, each failure as one of ours."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import httpx2
import orjson
from aiohttp.abc import AbstractStreamWriter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from coda.core.errors import CodaError
from coda.core.guarded_http import AddressRefused, AnswerTooLarge, OutboundError, OutboundHttp
from coda.core.guarded_http.client import read_capped, translate
from coda.core.guarded_http.redirects import is_same_origin, request_within
from coda.core.guarded_http.waits import retry_after_in
from coda.tools.mcp.conversation import bounded
from coda.tools.sources.errors import (
    SourceAnswerTooLarge,
    SourceBusy,
    SourceRefused,
    SourceSignInRefused,
    SourceUnreachable,
)
from coda.tools.sources.types import Source

_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, sock_connect=10.0)
_OTHERWISE, _NOT_OK, _BROKEN = 300, 400, 500
_LARGEST_REFUSAL: Final = 65_536
_LARGEST_STREAM: Final = 16_000_000
"""Bytes of all events before an answer: those that tell of progress may be many."""
_MARK: Final = b"\xef\xbb\xbf"
_READ_ERRORS: Final = (aiohttp.ClientError, OSError, ValueError)


class WireAnswer:
    """An answer that was not refused, to be read once."""

    def __init__(self, response: aiohttp.ClientResponse, max_bytes: int) -> None:
        self._response, self._max_bytes = response, max_bytes
        self.headers: Mapping[str, str] = response.headers
        self.kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    async def read(self) -> bytes:
        """All of it; raises SourceError."""
        try:
            return await read_capped(self._response, self._max_bytes)
        except AnswerTooLarge:
            raise SourceAnswerTooLarge(self._max_bytes) from None
        except (*_READ_ERRORS, OutboundError) as error:
            raise _broken(error) from error

    async def events(self) -> AsyncGenerator[httpx2.ServerSentEvent]:
        """Its events as they come; raises SourceError."""
        stream = httpx2.Response(
            HTTPStatus.OK,
            headers={"Content-Type": "text/event-stream; charset=utf-8"},
            stream=_Blocks(self._response),
            request=httpx2.Request("GET", str(self._response.url)),
        )
        try:
            async for event in httpx2.EventSource(stream, max_event_size=self._max_bytes):
                yield event
        except httpx2.SSEError:
            raise SourceAnswerTooLarge(self._max_bytes) from None
        except _READ_ERRORS as error:
            raise _broken(error) from error


class Wire:
    """The requests of one conversation. What a source is signed in with goes to its own origin only."""

    def __init__(self, source: Source, http: OutboundHttp, *, max_bytes: int) -> None:
        self._url, self._reach, self._http, self._max_bytes = source.config["url"], source.reach, http, max_bytes
        self._sign_in = _sign_in(source)

    @asynccontextmanager
    async def request(
        self, method: str, headers: Mapping[str, str], body: "Body | None" = None
    ) -> AsyncIterator[WireAnswer]:
        """The answer to a request that was not refused; raises SourceError, AddressRefused."""
        sent = {**headers, **self._sign_in}
        TraceContextTextMapPropagator().inject(sent)
        try:
            response = await request_within(
                is_same_origin,
                self._http.session(self._reach),
                method,
                self._url,
                body=lambda: body,
                headers=sent,
                timeout=_TIMEOUT,
            )
        except (*_READ_ERRORS, OutboundError) as error:
            raise _broken(error) from error
        try:
            await _check(response)
            yield WireAnswer(response, self._max_bytes)
        finally:
            response.close()  # one that was not read to its end takes its connection along


class Body(aiohttp.BytesPayload):
    """A message, which knows whether any of it may have arrived."""

    was_sent = False

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> "Body":
        """As it is sent."""
        return cls(orjson.dumps(message), content_type="application/json")

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self.was_sent = True
        await super().write_with_length(writer, content_length)


class _Blocks(httpx2.AsyncByteStream):
    """A body as it comes, without the mark that may be at its beginning."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for block in self._response.content.iter_any():
            yield block if size else block.removeprefix(_MARK)
            size += len(block)
            if size > _LARGEST_STREAM:
                raise SourceAnswerTooLarge(_LARGEST_STREAM)


def _sign_in(source: Source) -> dict[str, str]:
    auth = source.config.get("auth")
    if auth is None or source.secret is None:
        return {}
    return {"Authorization": f"Bearer {source.secret}"} if auth["type"] == "bearer" else {auth["name"]: source.secret}


def _broken(error: BaseException) -> SourceUnreachable | AddressRefused:
    ours = error if isinstance(error, CodaError) else translate(error)
    return ours if isinstance(ours, AddressRefused) else SourceUnreachable(ours.message)


async def _check(response: aiohttp.ClientResponse) -> None:
    """Raises what a status means."""
    status = response.status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise SourceSignInRefused(status)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise SourceBusy(retry_after_in(response.headers))
    if status >= _BROKEN:
        raise SourceUnreachable(f"it answered {status}.", status=status)
    if status >= _NOT_OK:
        raise SourceRefused(await _words_of(response) or f"it answered {status}.", status=status)
    if status >= _OTHERWISE:
        refused = SourceRefused(f"it answered {status}, and leads to another address.", status=status)
        refused.may_have_worked = status == HTTPStatus.SEE_OTHER
        raise refused


async def _words_of(response: aiohttp.ClientResponse) -> str | None:
    """What a refusal says of itself, where it does so in the protocol's way."""
    try:
        body = orjson.loads(await read_capped(response, _LARGEST_REFUSAL))
        return bounded(body["error"]["message"])
    except (*_READ_ERRORS, OutboundError, LookupError, TypeError, AttributeError):
        return None
