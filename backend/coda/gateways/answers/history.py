"""The conversation that a client sends along, as a chat of questions and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from coda.conversations.parts import text_part
from coda.conversations.types import Part, Role
from coda.core.ids import new_id
from coda.gateways.answers.call_parts import answer_call, unanswered_call
from coda.gateways.answers.errors import InvalidParameter
from coda.llm.types import ChatMessage

_ONLY_OF_PEOPLE: Final = "Pictures stand in messages of the user."


@dataclass(slots=True)
class Entry:
    """A question or an answer, in parts as a chat keeps them."""

    role: Role
    parts: list[Part] = field(default_factory=list)

    @property
    def has_words(self) -> bool:
        """Whether anything is said."""
        return any(part["type"] != "text" or part["text"].strip() for part in self.parts)


def history_of(messages: Sequence[ChatMessage], pictures: Mapping[str, Part]) -> list[Entry]:
    """Questions and answers in turn, the last one a question. Instructions go before the question that follows.

    `pictures`: the parts that show them, by URL. Tool calls become parts of the answer that made them.
    Raises InvalidParameter.
    """
    reader = _Reader(pictures)
    for at, message in enumerate(messages):
        reader.read(message, at)
    entries = reader.entries
    if not entries or entries[-1].role != "user" or not entries[-1].has_words:
        raise InvalidParameter("messages", "The last message must be the user's.")
    return entries[1:] if entries[0].role == "assistant" else entries


class _Reader:
    def __init__(self, pictures: Mapping[str, Part]) -> None:
        self._pictures = pictures
        self.entries: list[Entry] = []
        self._instructions: list[str] = []
        self._calls: dict[str, Part] = {}

    def read(self, message: ChatMessage, at: int) -> None:
        if message.images and message.role != "user":
            raise InvalidParameter(f"messages[{at}].content", _ONLY_OF_PEOPLE)
        match message.role:
            case "system":
                self._instruct(message.text)
            case "tool":
                self._take_result(message, at)
            case "user":
                self._say("user", "\n\n".join([*self._instructions, message.text]))
                self.entries[-1].parts.extend(self._pictures[image.url] for image in message.images)
                self._instructions = []
            case "assistant":
                self._say("assistant", message.text)
                for call in message.tool_calls:
                    part = self._calls[call.id] = unanswered_call(new_id(), call.name, call.arguments)
                    self.entries[-1].parts.append(part)

    def _instruct(self, text: str) -> None:
        """Before a question; behind the last one where none follows."""
        self._instructions.append(text)
        if self.entries and self.entries[-1].role == "user":
            self._say("user", self._instructions.pop())

    def _say(self, role: Role, text: str) -> None:
        if not self.entries or self.entries[-1].role != role:
            self.entries.append(Entry(role))
        parts = self.entries[-1].parts
        if parts and parts[-1]["type"] == "text":
            text = f"{parts.pop()['text']}\n\n{text}"
        if text or not parts:
            parts.append(text_part(text))

    def _take_result(self, message: ChatMessage, at: int) -> None:
        part = self._calls.pop(message.tool_call_id or "", None)
        if part is None:
            raise InvalidParameter(f"messages[{at}].tool_call_id", "No earlier message has called a tool by this id.")
        answer_call(part, message.text)
