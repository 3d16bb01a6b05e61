"""The SDK's HTTP, over our guarded client: addresses are checked where sockets are made, answers are bounded."""

from collections.abc import AsyncIterator
from typing import Final

import aiohttp
import httpx2
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from coda.core.errors import CodaError
from coda.core.guarded_http import OutboundHttp, Reach
from coda.core.guarded_http.client import check_url, translate
from coda.core.guarded_http.hosts import in_usual_form
from coda.tools.mcp.conversation import NOT_SENT
from coda.tools.sources.errors import SourceAnswerTooLarge, SourceSignInRefused, SourceUnreachable

_CONNECT_SECONDS: Final = 10.0
_GOODBYE_SECONDS: Final = 1.0
"""How long the end of a session may take: the answer is there by then."""
_REFUSALS: Final = (401, 403)
_READ_ERRORS: Final = (aiohttp.ClientError, OSError, ValueError)


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Sends the SDK's requests. `failure` is what went wrong first: the SDK tells little of it. `status`: the last."""

    def __init__(self, http: OutboundHttp, reach: Reach, *, max_bytes: int) -> None:
        self._http, self._reach, self._max_bytes = http, reach, max_bytes
        self.failure: CodaError | None = None
        self.status = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """One request; a redirect is not followed here. Raises SourceError, AddressRefused."""
        url = str(request.url)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in NOT_SENT}
        TraceContextTextMapPropagator().inject(headers)
        body = await request.aread()
        total = _GOODBYE_SECONDS if request.method == "DELETE" else None
        timeout = aiohttp.ClientTimeout(total=total, sock_connect=_CONNECT_SECONDS)
        try:
            check_url(url)
            response = await self._http.session(self._reach).request(
                request.method,
                in_usual_form(url),
                data=body or None,
                headers=headers,
                allow_redirects=False,
                timeout=timeout,
            )
        except (*_READ_ERRORS, CodaError) as error:
            raise self.fail(error) from error
        self.status = response.status
        if response.status in _REFUSALS:
            response.close()
            raise self.fail(SourceSignInRefused(response.status))
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            response.close()
            raise self.fail(SourceUnreachable("its answer is compressed although that was not asked for."))
        return httpx2.Response(
            response.status, headers=list(response.headers.items()), stream=_Body(response, self, self._max_bytes)
        )

    def fail(self, error: Exception) -> CodaError:
        """The error as one of ours, kept where it is the first."""
        ours = error if isinstance(error, CodaError) else translate(error)
        if ours.code == "http.failed":
            ours = SourceUnreachable(ours.message)
        self.failure = self.failure or ours
        return ours


class _Body(httpx2.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse, transport: GuardedTransport, limit: int) -> None:
        self._response, self._transport, self._limit = response, transport, limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for part in self._response.content.iter_any():
                size += len(part)
                if size > self._limit:
                    raise self._transport.fail(SourceAnswerTooLarge(self._limit))
                yield part
        except _READ_ERRORS as error:
            raise self._transport.fail(error) from error

    async def aclose(self) -> None:
        """An answer that was not read to its end takes its connection along."""
        self._response.close()
