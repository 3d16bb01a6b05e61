"""One conversation with a running server, beside others: the SDK's messages over the process that all of them share."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import anyio
import anyio.abc
from mcp.client.session import ClientSession
from mcp.shared.dispatcher import CallOptions, Dispatcher, OnNotify, OnNotifyIntercept, OnRequest
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER
from mcp.shared.transport_context import TransportContext
from mcp_types import REQUEST_TIMEOUT

from coda.tools.mcp.dispatcher import CALL, Screen, message_of, refusal_of
from coda.tools.mcp.exchange import held
from coda.tools.mcp.session import call_over, tools_over
from coda.tools.mcp.stdio.child import ServerChild
from coda.tools.mcp.stdio.errors import ServerStuck
from coda.tools.sources.errors import SourceAnswerInvalid, SourceError, SourceTimedOut
from coda.tools.sources.types import Offer
from coda.tools.types import ToolOutcome

T = TypeVar("T")
_INITIALIZE, _INITIALIZED, _DISCOVER = "initialize", "notifications/initialized", "server/discover"
_SHARE_OF_DISCOVERY: Final = 0.4
"""Of the time that a start may take: an old server may never answer what it does not know."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Limits of one conversation. `heard` gets the server's notifications; `protocol` None: it is found out."""

    seconds: float
    heard: Callable[[str], None]
    protocol: str | None = None


class StdioDispatcher(Dispatcher[TransportContext]):
    """`screens` by method. What it is greeted with a server is asked once, whoever greets it."""

    def __init__(self, child: ServerChild, talk: Talk, screens: Mapping[str, Screen]) -> None:
        self._child, self._talk, self._screens = child, talk, screens
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
        opts: CallOptions | None = None,
    ) -> dict[str, Any]:
        """The result of a request; raises MCPError in the server's words, SourceError."""
        if method in (_INITIALIZE, _DISCOVER):
            answer = await self._greet(method, params)
        else:
            self.has_agreed, self.is_calling = True, method == CALL
            answer = await self._child.ask(message_of(method, params), seconds=self._talk.seconds)
        if "error" in answer:
            raise refusal_of(answer["error"])
        result: dict[str, Any] = answer["result"]
        screen = self._screens.get(method)
        version = (opts or {}).get("headers", {}).get(MCP_PROTOCOL_VERSION_HEADER, "")
        return result if screen is None else screen(result, version)

    async def notify(
        self,
        method: str,
        params: Mapping[str, Any] | None,
        opts: CallOptions | None = None,  # noqa: ARG002 - there are no headers
    ) -> None:
        """Tell the server something; what ends the greeting is told once."""
        self._child.tell(message_of(method, params), is_once=method == _INITIALIZED)

    async def _greet(self, method: str, params: Mapping[str, Any] | None) -> Mapping[str, Any]:
        share = _SHARE_OF_DISCOVERY if method == _DISCOVER else 1.0
        seconds = self._child.command.start_seconds * share
        try:
            return await self._child.greet(message_of(method, params), seconds=seconds)
        except (SourceTimedOut, SourceAnswerInvalid):
            if method == _INITIALIZE:
                raise
            raise MCPError(REQUEST_TIMEOUT, "It did not answer in time.") from None


async def converse(
    child: ServerChild,
    talk: Talk,
    work: Callable[[ClientSession], Awaitable[T]],
    screens: Mapping[str, Screen],
) -> T:
    """The result of `work` in a session; raises SourceError."""
    dispatcher = StdioDispatcher(child, talk, screens)
    child.listen(talk.heard)
    try:
        return await held(dispatcher, talk.protocol, work)
    except SourceError as error:
        error.may_have_worked = error.may_have_worked and dispatcher.is_calling
        child.is_unfit |= isinstance(error, ServerStuck) or not dispatcher.has_agreed
        child.is_doubtful |= isinstance(error, SourceTimedOut)
        raise
    finally:
        child.hearers.discard(talk.heard)


async def list_tools(child: ServerChild, talk: Talk) -> Offer:
    """All tools of a server, as far as they can be taken; raises SourceError."""
    return await tools_over(partial(converse, child, talk))


async def call_tool(
    child: ServerChild, talk: Talk, name: str, arguments: Mapping[str, Any], *, key: str
) -> ToolOutcome:
    """Call a tool; raises SourceError, ToolFailed in the server's words."""
    return await call_over(partial(converse, child, talk), name, arguments, key=key)
