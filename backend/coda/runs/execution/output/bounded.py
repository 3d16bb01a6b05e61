"""The answer as a model may write it: no longer than the settings allow, over all turns and runs of the answer."""

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from coda.conversations.types import Part
from coda.core.settings import RunSettings
from coda.runs.errors import AnswerTooLong
from coda.runs.execution.output.answer import Answer

_OF_A_CALL: Final = 100
"""Characters that a tool call counts besides its name and arguments: many empty ones are long, too."""


class BoundedAnswer:
    """One turn's way into the answer. What goes over the limit is left out, and AnswerTooLong ends the run."""

    def __init__(self, answer: Answer, limits: RunSettings) -> None:
        self._answer = answer
        text, reasoning, arguments = sizes_of(answer.parts)
        self._text = _Room("text", limits.max_text_characters, text)
        self._reasoning = _Room("reasoning", limits.max_reasoning_characters, reasoning)
        self._arguments = _Room("tool calls", limits.max_argument_characters, arguments)
        self._calls: set[int] = set()
        self._written = 0

    def text(self, delta: str) -> None:
        """The model wrote text."""
        size = len(delta)
        self._written += size
        if size <= self._text.left:  # nearly every token
            self._text.left -= size
            self._answer.text(delta)
        else:
            self._answer.text(self._text.fitted(delta))
            self._text.check()

    def retract_text(self) -> None:
        """What the present turn wrote as text was its chain of thought."""
        self._answer.retract_text()
        self._text.take(-self._written)
        self._reasoning.take(self._written)
        self._written = 0
        self._reasoning.check()

    def reasoning(self, delta: str) -> None:
        """The model showed a piece of its chain of thought."""
        fitted = self._reasoning.fitted(delta)
        self._answer.reasoning(fitted)
        if fitted is not delta:
            self._reasoning.check()

    def tool_call(self, index: int, *, provider_id: str | None, name: str | None, arguments: str) -> None:
        """The model wrote a piece of a tool call."""
        if index not in self._calls:
            self._calls.add(index)
            self._arguments.take(_OF_A_CALL)
            name = self._arguments.fitted(name or "")
            provider_id = self._arguments.fitted(provider_id) if provider_id else None
        fitted = self._arguments.fitted(arguments)
        self._answer.tool_call(index, provider_id=provider_id, name=name, arguments=fitted)
        self._arguments.check()


def sizes_of(parts: Iterable[Part]) -> tuple[int, int, int]:
    """The characters of text, reasoning and tool calls that an answer has."""
    text = reasoning = arguments = 0
    for part in parts:
        if part["type"] == "text":
            text += len(part["text"])
        elif part["type"] == "reasoning":
            reasoning += len(part.get("text", ""))
        elif part["type"] == "tool_call":
            arguments += _OF_A_CALL + len(part["name"]) + _length(part)
    return text, reasoning, arguments


def _length(call: Mapping[str, object]) -> int:
    written = call.get("arguments_text")
    return len(written) if isinstance(written, str) else len(orjson.dumps(call.get("arguments")))


class _Room:
    """How much of one kind may still come: `left`, below zero once more has come."""

    def __init__(self, what: str, limit: int, used: int) -> None:
        self._what, self._limit = what, limit
        self.left = limit - used
        self._is_over = self.left < 0

    def take(self, size: int) -> None:
        """So much has come."""
        self.left -= size
        self._is_over |= self.left < 0

    def fitted(self, text: str) -> str:
        """As much of the text as there is room for."""
        before = self.left
        self.left -= len(text)
        if self.left >= 0:
            return text
        self._is_over = True
        return text[: max(0, before)]

    def check(self) -> None:
        """Raises AnswerTooLong once more has come than may."""
        if self._is_over:
            raise AnswerTooLong(self._what, self._limit)
