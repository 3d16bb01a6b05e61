"""Carries the SDK's messages over our HTTP, one request at a time, and bears with whatever a server sends."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Final

import anyio.abc
from mcp.shared.dispatcher import CallOptions, Dispatcher, OnNotify, OnNotifyIntercept, OnRequest
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.shared.transport_context import TransportContext
from mcp_types import METHOD_NOT_FOUND, REQUEST_TIMEOUT
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from coda.core.errors import CodaError
from coda.tools.mcp.conversation import Conversation, bounded
from coda.tools.mcp.messages import Message, is_answer, is_notification, is_request, messages_in
from coda.tools.mcp.wire import Body, Wire, WireAnswer
from coda.tools.sources.errors import SourceAnswerInvalid, SourceAnswerTooLarge, SourceError, SourceUnreachable

CALL: Final = "tools/call"
Screen = Callable[[dict[str, Any], str], dict[str, Any]]
"""Takes out of a result, of this revision, what the SDK would refuse all of it for."""
_SESSION_ID: Final = "Mcp-Session-Id"
_USUAL: Final = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
_JSON, _EVENTS = "application/json", "text/event-stream"
_INITIALIZED: Final = "notifications/initialized"
_INITIALIZED_SECONDS: Final = 2.0
_MOST_REPLIES: Final = 16
_USUAL_WAIT, _SHORTEST_WAIT, _LONGEST_WAIT = 1.0, 0.05, 10.0
_MOST_BREAKS: Final = 2


@dataclass(slots=True)
class _Place:
    """Where a stream of events was left, for a server that lets it be read on."""

    event_id: str = ""
    wait: float = _USUAL_WAIT


class HttpDispatcher(Dispatcher[TransportContext]):
    """`screens` by method."""

    def __init__(self, wire: Wire, how: Conversation, screens: Mapping[str, Screen]) -> None:
        self._wire, self._how, self._screens = wire, how, screens
        self._number = self._replies = 0
        self._method, self._sent = "", Body(b"")
        self._version: str | None = None
        self._session_id: str | None = None
        self._listening: asyncio.Task[None] | None = None

    @property
    def is_calling(self) -> bool:
        """Whether the tool may be at work: it was asked to, and the request has left this machine."""
        return self._method == CALL and self._sent.was_sent

    async def run(
        self,
        on_request: OnRequest,  # noqa: ARG002 - what a server asks is answered here: we offer it nothing
        on_notify: OnNotify,  # noqa: ARG002 - and what it tells is heard here
        on_notify_intercept: OnNotifyIntercept | None = None,  # noqa: ARG002 - the same
        *,
        task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """There is nothing to pump: answers are read by who asked."""
        task_status.started()
        await anyio.sleep_forever()

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> dict[str, Any]:
        """The result of a request; raises MCPError in the server's words, SourceError, AddressRefused."""
        options = opts or {}
        self._number += 1
        message = {**message_of(method, params), "id": self._number}
        headers = self._headers(options.get("headers", {}))
        try:
            async with asyncio.timeout(options.get("timeout")):
                answer = await self._answer(message, headers)
        except TimeoutError:
            raise MCPError(REQUEST_TIMEOUT, "It did not answer in time.") from None
        except asyncio.CancelledError:
            if options.get("cancel_on_abandon", True) and self._version not in MODERN_PROTOCOL_VERSIONS:
                self._tell(message_of("notifications/cancelled", {"requestId": self._number}))
            raise
        if "error" in answer:
            raise refusal_of(answer["error"])
        result: dict[str, Any] = answer["result"]
        screen = self._screens.get(method)
        return result if screen is None else screen(result, self._version or "")

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None) -> None:
        """Tell a server something, and bear with whatever it thinks of that."""
        headers = self._headers((opts or {}).get("headers", {}))
        with suppress(CodaError, TimeoutError):
            async with asyncio.timeout(_INITIALIZED_SECONDS):
                await self._post(message_of(method, params), headers)
        if method == _INITIALIZED and self._session_id is not None:
            self._listening = asyncio.create_task(self._listen())

    def close(self) -> None:
        """Listen no more, and let a server forget the session."""
        if self._listening is not None:
            self._listening.cancel()
        if self._session_id is not None:
            self._how.courtesies.send(self._end())

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        self._version = given.get(MCP_PROTOCOL_VERSION_HEADER)
        return {**self._own_headers(), **given}

    def _own_headers(self) -> dict[str, str]:
        version = {} if self._version is None else {MCP_PROTOCOL_VERSION_HEADER: self._version}
        session_id = {} if self._session_id is None else {_SESSION_ID: self._session_id}
        return {**_USUAL, **version, **session_id}

    async def _answer(self, message: Message, headers: Mapping[str, str]) -> Message:
        self._method, self._sent = message["method"], Body.of(message)
        async with self._wire.request("POST", headers, self._sent) as answer:
            if message["method"] == "initialize":
                self._session_id = answer.headers.get(_SESSION_ID)
            if answer.kind == _EVENTS:
                return await self._streamed(answer, message["id"])
            found = self._found(await answer.read(), message["id"]) if answer.kind == _JSON else None
        if found is None:
            raise SourceAnswerInvalid
        return found

    async def _streamed(self, answer: WireAnswer, number: int) -> Message:
        """The answer among events; a server may end a stream and let it be read on elsewhere."""
        place, breaks = _Place(), 0
        found = await self._next(answer, number, place)
        while found is None:
            if not place.event_id or breaks >= _MOST_BREAKS:
                raise SourceUnreachable("it broke off in the middle of its answer.")
            await asyncio.sleep(place.wait)
            try:
                headers = {**self._own_headers(), "Last-Event-ID": place.event_id}
                async with self._wire.request("GET", headers) as more:
                    found = await self._next(more, number, place)
                breaks = 0
            except SourceAnswerTooLarge:
                raise
            except SourceError:  # what is refused now says nothing of the call
                breaks += 1
        return found

    async def _next(self, answer: WireAnswer, number: int, place: _Place) -> Message | None:
        """The answer, or nothing where the stream ends before it."""
        async with aclosing(answer.events()) as events:
            with suppress(SourceUnreachable):
                async for event in events:
                    place.event_id = event.id or place.event_id
                    if event.retry is not None:
                        place.wait = min(max(event.retry / 1000, _SHORTEST_WAIT), _LONGEST_WAIT)
                    found = self._found(event.data, number) if event.event == "message" else None
                    if found is not None:
                        return found
        return None

    def _found(self, text: bytes | str, number: int) -> Message | None:
        """The answer to a request in a text; what else is in it is heard or replied to."""
        found: Message | None = None
        for message in messages_in(text):
            if is_answer(message, number):
                found = found or message
            elif is_request(message):
                self._reply(message)
            elif is_notification(message):
                self._how.heard(message["method"])
        return found

    def _reply(self, request: Message) -> None:
        self._replies += 1
        if self._replies > _MOST_REPLIES:
            return
        unknown = {"error": {"code": METHOD_NOT_FOUND, "message": "Method not found"}}
        reply: Mapping[str, Any] = {"result": {}} if request["method"] == "ping" else unknown
        self._tell({"jsonrpc": "2.0", "id": request["id"], **reply})

    def _tell(self, message: Message) -> None:
        self._how.courtesies.send(self._post(message, self._own_headers()))

    async def _post(self, message: Message, headers: Mapping[str, str]) -> None:
        async with self._wire.request("POST", headers, Body.of(message)):
            pass

    async def _listen(self) -> None:
        """What a server says by itself; many refuse that, and none is held to it."""
        with suppress(CodaError):
            async with self._wire.request("GET", self._own_headers()) as answer:
                if answer.kind == _EVENTS:
                    await self._next(answer, 0, _Place())

    async def _end(self) -> None:
        async with self._wire.request("DELETE", self._own_headers()):
            pass


def message_of(method: str, params: Mapping[str, Any] | None) -> dict[str, Any]:
    """A message as it is sent, but for its number, with where it belongs to among our traces."""
    given = dict(params or {})
    meta = dict(given.get("_meta") or {})
    TraceContextTextMapPropagator().inject(meta)
    told = {**given, "_meta": meta} if meta else given
    return {"jsonrpc": "2.0", "method": method, **({"params": told} if told else {})}


def refusal_of(error: Any) -> MCPError:  # noqa: ANN401 - any JSON
    """What a server says of an error, whatever form that has."""
    said = error if isinstance(error, dict) else {"message": error}
    code, words = said.get("code"), said.get("message")
    return MCPError(
        code if isinstance(code, int) else 0, bounded(words) if isinstance(words, str) else "", said.get("data")
    )
