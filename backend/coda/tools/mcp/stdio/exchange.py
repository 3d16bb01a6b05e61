"""One conversation with a running server: agree on a revision once, do one thing, say in our words what went wrong."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import anyio
import anyio.abc
import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.dispatcher import CallOptions, OnNotify, OnNotifyIntercept, OnRequest
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from pydantic import ValidationError

from coda import __version__
from coda.core.errors import CodaError
from coda.tools.mcp.exchange import bounded
from coda.tools.mcp.stdio.child import ServerChild
from coda.tools.mcp.stdio.errors import ServerStuck
from coda.tools.mcp.stdio.messages import Message
from coda.tools.sources.errors import SourceAnswerInvalid, SourceError, SourceRefused, SourceTimedOut

T = TypeVar("T")
_US: Final = types.Implementation(name="Coda", version=__version__)
_CALL: Final = "tools/call"
_HANDSHAKE: Final = {"initialize": 1.0, "server/discover": 0.4}
"""Shares of the time that a start may take: an old server may not answer the second one at all."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Limits of one conversation. `heard` gets the server's notifications; `protocol` None: it is found out."""

    seconds: float
    heard: Callable[[str], None]
    protocol: str | None = None


class StdioDispatcher:
    """Carries the SDK's messages of one conversation to a child that has others too."""

    def __init__(self, child: ServerChild, talk: Talk) -> None:
        self._child, self._talk = child, talk
        self.is_calling = self.has_agreed = False

    async def run(
        self,
        on_request: OnRequest,  # noqa: ARG002 - what a server asks is answered by the child
        on_notify: OnNotify,  # noqa: ARG002 - and what it tells is heard there
        on_notify_intercept: OnNotifyIntercept | None = None,  # noqa: ARG002 - the same
        *,
        task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED,
    ) -> None:
        """There is nothing to pump."""
        task_status.started()
        await anyio.sleep_forever()

    async def send_raw_request(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        opts: CallOptions | None = None,  # noqa: ARG002 - headers
    ) -> dict[str, Any]:
        """The result of a request; raises MCPError in the server's words, SourceError."""
        if method in _HANDSHAKE:
            seconds = self._child.command.start_seconds * _HANDSHAKE[method]
            answer = await self._child.hello(method, _traced(params), seconds=seconds)
        else:
            self.is_calling = method == _CALL
            answer = await self._child.ask(method, _traced(params), seconds=self._talk.seconds)
        return _result_of(answer)

    async def notify(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        opts: CallOptions | None = None,  # noqa: ARG002 - the same
    ) -> None:
        """Tell the server something; what ends the handshake is told once."""
        if method == "notifications/initialized":
            self._child.tell_once(method)
        else:
            self._child.tell(method, params or {})


async def converse(child: ServerChild, talk: Talk, work: Callable[[ClientSession], Awaitable[T]]) -> T:
    """The result of `work` in a session; raises SourceError."""
    dispatcher = StdioDispatcher(child, talk)
    child.listen(talk.heard)
    try:
        return await _held(dispatcher, talk.protocol, work)
    except SourceError as error:
        error.may_have_worked = error.may_have_worked and dispatcher.is_calling
        child.is_unfit |= isinstance(error, ServerStuck) or not dispatcher.has_agreed
        child.is_doubtful |= isinstance(error, SourceTimedOut)
        raise
    finally:
        child.hearers.discard(talk.heard)


async def _held(dispatcher: StdioDispatcher, protocol: str | None, work: Callable[[ClientSession], Awaitable[T]]) -> T:
    """The SDK puts what is raised inside a session into groups: so it is carried out of it."""
    async with ClientSession(dispatcher=dispatcher, client_info=_US) as session:
        try:
            await _agree(session, protocol)
            dispatcher.has_agreed = True
            result: T | Exception = await work(session)
        except CodaError as error:
            result = error
        except MCPError as error:
            result = SourceRefused(bounded(error.message or f"error {error.code}."))
        except (ValidationError, RuntimeError, ValueError):  # of the SDK, about what came
            result = SourceAnswerInvalid()
    if isinstance(result, Exception):
        raise result
    return result


async def _agree(session: ClientSession, protocol: str | None) -> None:
    """Speak what was found out before, else the newest revision that both know."""
    if protocol in MODERN_PROTOCOL_VERSIONS:
        nothing = types.ServerCapabilities()
        known = types.DiscoverResult(
            supported_versions=[protocol], capabilities=nothing, result_type="complete", ttl_ms=0, cache_scope="public"
        )
        session.adopt(known)
    elif protocol is not None or not await _is_discovered(session):
        await session.initialize()


async def _is_discovered(session: ClientSession) -> bool:
    """Whether the server knows a revision without a handshake. Whatever else it answers, it is an older one."""
    try:
        await session.discover()
    except (MCPError, ValidationError, RuntimeError, SourceAnswerInvalid, SourceTimedOut):
        return False
    return True


def _traced(params: Mapping[str, Any] | None) -> Mapping[str, Any]:
    given = dict(params or {})
    meta = dict(given.get("_meta") or {})
    TraceContextTextMapPropagator().inject(meta)
    return {**given, "_meta": meta} if meta else given


def _result_of(answer: Message) -> dict[str, Any]:
    if "error" not in answer:
        result: dict[str, Any] = answer["result"]
        return result
    said = answer["error"] if isinstance(answer["error"], dict) else {"message": answer["error"]}
    code, words = said.get("code"), said.get("message")
    number = code if isinstance(code, int) else 0
    raise MCPError(number, bounded(words) if isinstance(words, str) else "", said.get("data"))
