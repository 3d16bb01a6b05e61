"""A source of tools that is no part of Coda: a weather station, whose tools come, go and change."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from coda.core.scope import Scope
from coda.tools.types import Arguments, Tool, ToolCallContext, ToolOutcome

SOURCE = "weather-station"
WEATHER = Tool(
    name="weather",
    title="Looked at the sky",
    description="Tell the weather of a place.",
    parameters={"type": "object", "properties": {"place": {"type": "string"}}, "additionalProperties": False},
    source=SOURCE,
)


def _open() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


@dataclass
class Weather:
    """Answers that it rains, once `may_answer` is set; keeps what it was asked."""

    tools: list[Tool] = field(default_factory=lambda: [WEATHER])
    asked: list[tuple[str, Arguments, ToolCallContext]] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=_open)
    source_id: str = SOURCE

    async def list(self, scope: Scope) -> Sequence[Tool]:
        """What it has at the moment."""
        assert scope.org_id
        return tuple(self.tools)

    async def call(self, name: str, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
        """It rains."""
        self.asked.append((name, arguments, call))
        await self.may_answer.wait()
        result: dict[str, Any] = {"sky": "rain", "place": arguments.get("place")}
        return ToolOutcome(True, orjson.dumps(result).decode(), result=result)
