"""What a response puts out, item by item, with the events that tell of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Final

Event = dict[str, Any]

_DONE: Final = "completed"


class OutputItem(ABC):
    """One item while it is written. `item` is how it is shown; each method gives the events that tell of the change."""

    kind: ClassVar[str]
    _delta: ClassVar[str]
    _spot: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, item_id: str, index: int) -> None:
        self.id, self.index = item_id, index
        self.text = ""

    @abstractmethod
    def item(self, status: str) -> dict[str, Any]:
        """The item as it is now."""

    def add(self, piece: str) -> list[Event]:
        """Write on."""
        self.text += piece
        return [self._event(self._delta, delta=piece, **self._spot)]

    def open(self) -> list[Event]:
        """Begin it."""
        return [{"type": "response.output_item.added", "output_index": self.index, "item": self.item("in_progress")}]

    def close(self, status: str = _DONE) -> list[Event]:
        """End it."""
        return [{"type": "response.output_item.done", "output_index": self.index, "item": self.item(status)}]

    def _event(self, event: str, /, **fields: Any) -> Event:  # noqa: ANN401 - fields of an event
        return {"type": f"response.{event}", "item_id": self.id, "output_index": self.index, **fields}


class MessageItem(OutputItem):
    """What the model says."""

    kind: ClassVar = "message"
    _delta: ClassVar = "output_text.delta"
    _spot: ClassVar[Mapping[str, Any]] = {"content_index": 0, "logprobs": []}

    def item(self, status: str) -> dict[str, Any]:
        """A message of one part, which it has from the start on where it is complete."""
        content = [] if status == "in_progress" else [self._part()]
        return {"id": self.id, "type": "message", "status": status, "role": "assistant", "content": content}

    def open(self) -> list[Event]:
        """The message, then its one part."""
        return [*super().open(), self._event("content_part.added", content_index=0, part=self._part())]

    def close(self, status: str = _DONE) -> list[Event]:
        """Its text, its part, then the message."""
        return [
            self._event("output_text.done", text=self.text, **self._spot),
            self._event("content_part.done", content_index=0, part=self._part()),
            *super().close(status),
        ]

    def _part(self) -> dict[str, Any]:
        return {"type": "output_text", "text": self.text, "annotations": [], "logprobs": []}


class ReasoningItem(OutputItem):
    """What the model shows of its chain of thought."""

    kind: ClassVar = "reasoning"
    _delta: ClassVar = "reasoning_summary_text.delta"
    _spot: ClassVar[Mapping[str, Any]] = {"summary_index": 0}

    def item(self, status: str) -> dict[str, Any]:
        """A summary of one part."""
        summary = [] if status == "in_progress" else [self._part()]
        return {"id": self.id, "type": "reasoning", "summary": summary}

    def open(self) -> list[Event]:
        """The item, then its one part."""
        return [*super().open(), self._event("reasoning_summary_part.added", part=self._part(), **self._spot)]

    def close(self, status: str = _DONE) -> list[Event]:
        """Its text, its part, then the item."""
        return [
            self._event("reasoning_summary_text.done", text=self.text, **self._spot),
            self._event("reasoning_summary_part.done", part=self._part(), **self._spot),
            *super().close(status),
        ]

    def _part(self) -> dict[str, Any]:
        return {"type": "summary_text", "text": self.text}


class CallItem(OutputItem):
    """A function of the client that the model wants called."""

    kind: ClassVar = "function_call"
    _delta: ClassVar = "function_call_arguments.delta"

    def __init__(self, item_id: str, index: int, *, call_id: str, name: str) -> None:
        super().__init__(item_id, index)
        self._call_id, self._name = call_id, name

    def item(self, status: str) -> dict[str, Any]:
        """The call, with its arguments once they are complete."""
        arguments = "" if status == "in_progress" else self.text
        call = {"id": self.id, "type": "function_call", "status": status}
        return {**call, "call_id": self._call_id, "name": self._name, "arguments": arguments}

    def close(self, status: str = _DONE) -> list[Event]:
        """Its arguments, then the call."""
        done = self._event("function_call_arguments.done", name=self._name, arguments=self.text)
        return [done, *super().close(status)]
