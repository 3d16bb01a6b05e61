"""The events of a run as the deltas that a client of another wire gets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from coda.gateways.answers.client_calls import client_call_id
from coda.llm.types import ChatDelta, FinishReason, ToolCallDelta
from coda.runs.types import CLIENT_TOOL, CONTENT_FILTER, LENGTH_LIMIT

Event = Mapping[str, Any]
_BETWEEN: Final = "\n\n"
_CUT_BY: Final[Mapping[str, FinishReason]] = {LENGTH_LIMIT: "length", CONTENT_FILTER: "content_filter"}


@dataclass(slots=True)
class _Call:
    name: str
    arguments: str = ""


class RunDeltas:
    """Reads the events of one run in order.

    `has_form`: the answer was asked for in a form. Then only the last text is the answer, and what was said before is
    told as reasoning.
    """

    def __init__(self, *, has_form: bool) -> None:
        self.usage: Mapping[str, Any] | None = None
        self.error: Event | None = None
        self.is_over = self.is_cancelled = False
        self._finish: FinishReason = "stop"
        self._has_text = self._has_reasoning = False
        self._held: list[str] | None = [] if has_form else None
        self._calls: dict[str, _Call] = {}

    def read(self, event: Event) -> Iterator[ChatDelta]:
        """What the client gets of an event."""
        reader = _READERS.get(event["type"])
        return reader(self, event) if reader is not None else iter(())

    def on_text_start(self, _event: Event) -> Iterator[ChatDelta]:
        """Another text; of the one before it is known now that it was not the last."""
        if self._held is not None:
            yield from self._release()
        elif self._has_text:
            yield ChatDelta(text=_BETWEEN)

    def on_text(self, event: Event) -> Iterator[ChatDelta]:
        """A piece of text."""
        if self._held is not None:
            self._held.append(event["delta"])
            return
        self._has_text = True
        yield ChatDelta(text=event["delta"])

    def on_reasoning_start(self, _event: Event) -> Iterator[ChatDelta]:
        """Another piece of the chain of thought begins."""
        if self._has_reasoning:
            yield ChatDelta(reasoning=_BETWEEN)

    def on_reasoning(self, event: Event) -> Iterator[ChatDelta]:
        """A piece of the chain of thought."""
        self._has_reasoning = True
        yield ChatDelta(reasoning=event["delta"])

    def on_step(self, event: Event) -> Iterator[ChatDelta]:
        """The step that writes the answer in its form begins: from now on the text is the answer."""
        if self._held is not None and event["stepName"].startswith("form#"):
            yield from self._release()
            self._held = None

    def on_call_start(self, event: Event) -> Iterator[ChatDelta]:
        """A tool call, told later where it is the client's."""
        self._calls[event["toolCallId"]] = _Call(event["toolCallName"])
        yield from ()

    def on_call_arguments(self, event: Event) -> Iterator[ChatDelta]:
        """A piece of its arguments."""
        self._calls[event["toolCallId"]].arguments += event["delta"]
        yield from ()

    def on_custom(self, event: Event) -> Iterator[ChatDelta]:
        """Usage, and notices of what has cut the answer."""
        name, value = event["name"], event["value"]
        if name == "coda.usage":
            self.usage = value
        elif name == "coda.notice":
            self._finish = _CUT_BY.get(value["code"], self._finish)
        yield from ()

    def on_finished(self, event: Event) -> Iterator[ChatDelta]:
        """The end. A run that waits for a person is over for a wire that knows no waiting: it says so in words."""
        self.is_over = True
        self.is_cancelled = event["outcome"]["type"] == "cancelled"
        if self._held:
            yield ChatDelta(text="".join(self._held))
        outcome = event["outcome"]
        if outcome["type"] != "interrupt":
            yield ChatDelta(finish=self._finish)
        elif all(item["reason"] == CLIENT_TOOL for item in outcome["interrupts"]):
            yield from self._calls_of_client(outcome["interrupts"])
        else:
            asked = [item["message"] or "" for item in outcome["interrupts"]]
            said = " ".join([*asked, "This answer waits for a person: go on with it in Coda."])
            yield ChatDelta(text=f"{_BETWEEN if self._has_text else ''}[{said}]", finish="stop")

    def on_error(self, event: Event) -> Iterator[ChatDelta]:
        """The run has failed: `error` is set."""
        self.is_over = True
        self.error = event
        yield from ()

    def _release(self) -> Iterator[ChatDelta]:
        text = "".join(self._held or ())
        if text:
            yield ChatDelta(reasoning=f"{_BETWEEN if self._has_reasoning else ''}{text}")
            self._has_reasoning, self._held = True, []

    def _calls_of_client(self, interrupts: list[Mapping[str, Any]]) -> Iterator[ChatDelta]:
        for index, item in enumerate(interrupts):
            call = self._calls[item["toolCallId"]]
            call_id = client_call_id(UUID(item["toolCallId"]))
            yield ChatDelta(tool_call=ToolCallDelta(index, call_id, call.name, call.arguments or "{}"))
        yield ChatDelta(finish="tool_calls")


_READERS: Final[Mapping[str, Callable[[RunDeltas, Event], Iterator[ChatDelta]]]] = {
    "TEXT_MESSAGE_START": RunDeltas.on_text_start,
    "TEXT_MESSAGE_CONTENT": RunDeltas.on_text,
    "REASONING_MESSAGE_START": RunDeltas.on_reasoning_start,
    "REASONING_MESSAGE_CONTENT": RunDeltas.on_reasoning,
    "STEP_STARTED": RunDeltas.on_step,
    "TOOL_CALL_START": RunDeltas.on_call_start,
    "TOOL_CALL_ARGS": RunDeltas.on_call_arguments,
    "CUSTOM": RunDeltas.on_custom,
    "RUN_FINISHED": RunDeltas.on_finished,
    "RUN_ERROR": RunDeltas.on_error,
}
