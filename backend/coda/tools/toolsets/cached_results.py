"""A toolset of which some tools' results are kept."""

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import orjson

from coda.core.cache import Address, Cache, Namespace, Outcome
from coda.core.scope import Scope
from coda.tools.toolsets.toolset import Toolset
from coda.tools.types import Arguments, Tool, ToolCallContext, ToolOutcome

_RESULTS: Final = Namespace("tool-results", version=1, keep_for=timedelta(hours=24))
RESULTS_TAG: Final = "tools"
"""What all kept results of an organization depend on: what it decides about its tools."""


class _NotKept(Exception):
    """An outcome that is given out and not kept."""

    def __init__(self, outcome: ToolOutcome) -> None:
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class KeptTool:
    """A tool whose results are kept: those of which `keeps` says so.

    `version` changes whenever the same arguments may give something else.
    """

    version: str
    keeps: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class CachedResults:
    """Keeps successful results for the organization, by version and arguments: those of the tools in `kept`."""

    toolset: Toolset
    cache: Cache
    kept: Mapping[str, "KeptTool"]

    @property
    def source_id(self) -> str:
        """The wrapped one's."""
        return self.toolset.source_id

    async def list(self, scope: Scope) -> Sequence[Tool]:
        """All tools."""
        return await self.toolset.list(scope)

    async def call(self, name: str, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
        """Call the tool, or give what it answered to the same arguments."""
        tool = self.kept.get(name)
        if tool is None:
            return await self.toolset.call(name, arguments, call)
        # It goes on for those who joined when the first one gives up: its end is that of the task.
        shared = replace(call, deadline=math.inf, cancelled=asyncio.Event())

        async def fill() -> bytes:
            try:
                outcome = await self.toolset.call(name, arguments, shared)
            except BaseException:
                shared.cancelled.set()
                raise
            if not outcome.ok or not tool.keeps(outcome.result):
                raise _NotKept(outcome)
            return outcome.content.encode()

        parts = (self.source_id, name, tool.version, orjson.dumps(arguments, option=orjson.OPT_SORT_KEYS).decode())
        address = Address.of(call.org_id, _RESULTS, *(part.encode() for part in parts), tags=[RESULTS_TAG])
        try:
            kept = await self.cache.get(address, fill)
        except _NotKept as failure:
            return failure.outcome
        content = kept.value.decode()
        is_kept = kept.outcome in (Outcome.MEMORY, Outcome.STORE)
        return ToolOutcome(True, content, result=orjson.loads(content), is_cached=is_kept)
