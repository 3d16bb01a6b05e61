"""How far an answer is, in words."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

_PAUSE: Final = 1.0
"""Seconds between two notes of how much was written."""


class Progress:
    """Tells a client which tool works and how much is written. `report` gets a number that grows, and a sentence."""

    def __init__(self, report: Callable[[float, str], Awaitable[None]]) -> None:
        self._report, self._number, self._told_at, self._written = report, 0, 0.0, 0
        self._calls: dict[str, str] = {}

    async def tell(self, event: Mapping[str, Any]) -> None:
        """An event of the run has come."""
        said = self._said(event)
        if said is not None:
            self._number += 1
            await self._report(self._number, said)

    def _said(self, event: Mapping[str, Any]) -> str | None:
        match event["type"]:
            case "RUN_STARTED":
                return "The agent works."
            case "REASONING_START":
                return "The agent thinks."
            case "TOOL_CALL_START":
                self._calls[event["toolCallId"]] = event["toolCallName"]
                return f"{event['toolCallName']} is called."
            case "TOOL_CALL_RESULT":
                return f"{self._calls.get(event['toolCallId'], 'The tool')} has answered."
            case "TEXT_MESSAGE_CONTENT":
                return self._writing(len(event["delta"]))
        return None

    def _writing(self, more: int) -> str | None:
        self._written += more
        at = asyncio.get_running_loop().time()
        if at - self._told_at < _PAUSE:
            return None
        self._told_at = at
        return f"{self._written:,} characters are written."
