"""What the demo model sees in a prompt: the question, its language, the tools on offer, the results so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Literal, TypeVar

import orjson

from coda.core.patterns import WORD_END, WORD_START, Pattern
from coda.llm.continuation import CONTINUE_REQUEST
from coda.llm.types import ChatMessage, ChatRequest

Language = Literal["en", "pt"]
T = TypeVar("T")

_MOST_READ, _HEAD = 8_000, 6_000
_MOST_PASTED = 200_000
_WORD = Pattern(r"\pL+")
_ONLY_PORTUGUESE = Pattern(rf"(?i)[ãõçâêô]|{WORD_START}é{WORD_END}")


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a tool said: a result, or the sentence of its error."""

    name: str
    result: Any
    error: str | None


@dataclass(frozen=True, slots=True)
class Situation:
    """One call of the demo model, understood.

    `question`: what rules read of it, which is all but the middle of a very long one. `pasted`: all of it, for tables.
    """

    question: str
    language: Language
    tools: frozenset[str]
    answers: Sequence[ToolAnswer]
    turns: int
    said: str = ""
    pasted: str = ""

    def say(self, words: Mapping[str, T]) -> T:
        """The words in the language of the question."""
        return words[self.language]


def understand(request: ChatRequest) -> Situation:
    """Read a request: the newest question, what tools answered since, and how far an answer that was cut had come."""
    asked_at = max((at for at, message in enumerate(request.messages) if _is_question(message)), default=-1)
    question = request.messages[asked_at].text if asked_at >= 0 else ""
    after = request.messages[asked_at + 1 :]
    names = {call.id: call.name for message in after for call in message.tool_calls}
    answers = tuple(_answer(message, names) for message in after if message.role == "tool")
    tools = frozenset() if request.tool_choice == "none" else frozenset(tool.name for tool in request.tools)
    cut = (message.text for message, next_one in pairwise(after) if next_one.text == CONTINUE_REQUEST)
    return Situation(
        _readable(question.strip()),
        language_of(question),
        tools,
        answers,
        len(request.messages),
        said="".join(cut),
        pasted=question.strip()[:_MOST_PASTED],
    )


def _readable(text: str) -> str:
    """What is asked stands at the beginning or at the end."""
    return text if len(text) <= _MOST_READ else f"{text[:_HEAD]}\n{text[_HEAD - _MOST_READ :]}"


def _is_question(message: ChatMessage) -> bool:
    return message.role == "user" and message.text != CONTINUE_REQUEST


def language_of(text: str) -> Language:
    """Portuguese where its words outnumber the English ones, else English."""
    words = [word.casefold() for word in _WORD.findall(text[:4_000])]
    portuguese = sum(word in _common("pt") for word in words) + 2 * len(_ONLY_PORTUGUESE.findall(text[:4_000]))
    return "pt" if portuguese > sum(word in _common("en") for word in words) else "en"


@cache
def _common(language: Language) -> frozenset[str]:
    folder = resources.files("coda.llm.adapters.demo").joinpath("texts")
    return frozenset(folder.joinpath(f"words.{language}.txt").read_text("utf-8").split())


def _answer(message: ChatMessage, names: Mapping[str, str]) -> ToolAnswer:
    name = message.name or names.get(message.tool_call_id or "", "")
    try:
        content = orjson.loads(message.text)
    except ValueError:
        return ToolAnswer(name, message.text, None)
    if isinstance(content, dict) and "error" in content:
        error = content["error"]
        said = error.get("message") if isinstance(error, dict) else error
        return ToolAnswer(name, None, str(said or "unknown error"))
    return ToolAnswer(name, content, None)
