"""The kind of sources that are MCP servers over streamable HTTP."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from coda.core.breaker import Breakers
from coda.core.guarded_http import OutboundError, OutboundHttp, Reach
from coda.core.guarded_http.client import check_reach, check_url
from coda.core.settings import ToolSettings
from coda.tools.errors import ToolFailed
from coda.tools.mcp.conversation import NOT_SENT, OF_THE_PROTOCOL, Conversation
from coda.tools.mcp.toolset import McpToolset
from coda.tools.sources.errors import SourceError, SourceInvalid, SourceRefused, SourceResting, SourceUnreachable
from coda.tools.sources.types import LISTING_SECONDS, Offer, OfferedTool, Source
from coda.tools.types import Arguments, ToolCallContext, ToolOutcome

_LARGEST_LISTING: Final = 2_000_000
_ROOM: Final = 50_000
"""Bytes of an answer besides the result."""
_BEFORE_THE_DEADLINE: Final = 0.5
_FAREWELL: Final = 1.0
"""Seconds that a cancelled call waits for its server to be told."""
_ending: set["asyncio.Task[Any]"] = set()
T = TypeVar("T")
_SDK: Final = "coda.tools.mcp.session"


class McpServers:
    """Lists servers and calls their tools. The SDK takes a second to import: beside the event loop, at first use."""

    name = "mcp"

    def __init__(self, http: OutboundHttp, settings: ToolSettings) -> None:
        self._http, self._settings = http, settings
        self._breakers: Breakers[SourceError] = Breakers()

    def check(self, config: Mapping[str, Any], reach: Reach) -> None:
        """Refuse what is no address of a server; raises SourceInvalid, AddressRefused."""
        url = str(config.get("url", ""))
        try:
            check_url(url)
        except OutboundError as error:
            raise SourceInvalid(error.message, field="url") from None
        if urlsplit(url).fragment:
            raise SourceInvalid("An address has no #.", field="url")
        check_reach(url, reach, field="url")
        header = (config.get("auth") or {}).get("name") or ""
        if header.lower() in NOT_SENT | OF_THE_PROTOCOL:
            raise SourceInvalid("A sign-in cannot be in this header.", field="auth")

    async def offer(self, source: Source) -> Offer:
        """Ask a server for its tools; what it speaks is found out anew. Raises SourceError, AddressRefused."""
        session = await _sdk()
        offer: Offer = await session.list_tools(source, Conversation(self._http, LISTING_SECONDS, _LARGEST_LISTING))
        self._breakers.of(str(source.id)).succeeded()
        return offer

    def toolset(
        self, source: Source, tools: Sequence[OfferedTool], changed: Callable[[], Awaitable[None]]
    ) -> McpToolset:
        """The tools of a server."""
        return McpToolset(source, tools, self, changed)

    async def call(
        self, source: Source, name: str, arguments: Arguments, call: ToolCallContext, *, heard: Callable[[str], None]
    ) -> ToolOutcome:
        """Call a tool of a server; raises SourceError, AddressRefused, ToolFailed."""
        breaker = self._breakers.of(str(source.id))
        resting = breaker.retry_after()
        if resting is not None:
            raise SourceResting(resting)
        seconds = max(_BEFORE_THE_DEADLINE, call.seconds_left - _BEFORE_THE_DEADLINE)
        largest = 2 * self._settings.max_result_bytes + _ROOM
        how = Conversation(self._http, seconds, largest, heard, source.protocol)
        try:
            session = await _sdk()
            calling = session.call_tool(source, how, name, arguments, key=call.idempotency_key)
            outcome: ToolOutcome = await _ending_soon(calling)
        except (ToolFailed, SourceRefused):
            breaker.succeeded()
            raise
        except OutboundError as error:
            breaker.abandoned()
            raise SourceUnreachable(error.message) from error
        except SourceError as error:
            breaker.failed(error)
            raise
        except BaseException:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return outcome


async def _sdk() -> Any:  # noqa: ANN401 - a module
    return await asyncio.to_thread(importlib.import_module, _SDK)


async def _ending_soon(work: Coroutine[Any, Any, T]) -> T:
    """Await work that tells a server when it is cancelled; a server that does not want to hear of it is not waited for.

    What is still to be told then is told in the background, within seconds.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        task.add_done_callback(_note_end)
        _ending.add(task)
        await asyncio.wait({task}, timeout=_FAREWELL)
        raise


def _note_end(task: "asyncio.Task[Any]") -> None:
    _ending.discard(task)
    if not task.cancelled():
        task.exception()  # nobody waits for it any more
