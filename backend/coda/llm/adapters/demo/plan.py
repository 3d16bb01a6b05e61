"""What the demo model decides to do with a question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from coda.llm.adapters.demo.situation import Situation


@dataclass(frozen=True, slots=True)
class Call:
    """A tool to call: why, with what, and how its result reads in words. `alone` answers where the tool is missing."""

    tool: str
    arguments: Mapping[str, Any]
    reasoning: str
    answer: Callable[[Any], str]
    alone: Callable[[], str] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer without a tool."""

    reasoning: str
    text: str


class Skill(Protocol):
    """Recognises one sort of question."""

    def __call__(self, situation: Situation) -> Call | Reply | None:
        """What to do, or None where this is another sort of question."""
        ...
