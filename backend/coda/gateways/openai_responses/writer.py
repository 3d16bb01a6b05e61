"""Deltas of a model as the events and the object of OpenAI's Responses API."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from coda.core.clock import now_ms
from coda.gateways.openai_responses.ids import item_id, response_id
from coda.gateways.openai_responses.output import CallItem, Event, MessageItem, OutputItem, ReasoningItem
from coda.llm.types import ChatDelta, FinishReason, MeteredUsage, ToolCallDelta

_CUT: Mapping[FinishReason, str] = {"length": "max_output_tokens", "content_filter": "content_filter"}


_OWN = frozenset(
    {"id", "object", "created_at", "completed_at", "status", "background", "error", "incomplete_details", "output",
     "usage"}
)  # fmt: skip
"""What a response tells of itself; the rest it repeats of its request."""


class ResponseWriter:
    """Writes one response. Its methods give events without their number: `numbered` gives them theirs.

    `streams`: what was told is told, so that text stays text also where it turns out to be reasoning.
    """

    def __init__(
        self,
        key: UUID,
        echo: Mapping[str, Any],
        *,
        streams: bool,
        in_background: bool = False,
        since: int | None = None,
    ) -> None:
        self.key = key
        self._streams, self._in_background = streams, in_background
        created_at = now_ms() // 1000 if since is None else since
        self._head = {"id": response_id(key), "object": "response", "created_at": created_at}
        self._echo = echo
        self._items: list[OutputItem] = []
        self._open: list[OutputItem] = []
        self._calls: dict[int, CallItem] = {}
        self._finish: FinishReason | None = None
        self._sequence = 0

    @classmethod
    def again(cls, key: UUID, body: Mapping[str, Any], *, streams: bool) -> "ResponseWriter":
        """A writer of a response of which this is stored."""
        echo = {name: value for name, value in body.items() if name not in _OWN}
        return cls(key, echo, streams=streams, in_background=body["background"], since=body["created_at"])

    def numbered(self, event: Event) -> Event:
        """The event with its place in the stream."""
        event["sequence_number"] = self._sequence
        self._sequence += 1
        return event

    def opening(self) -> list[Event]:
        """The response is there, and worked on."""
        body = self.body("in_progress", None)
        return [{"type": f"response.{name}", "response": body} for name in ("created", "in_progress")]

    def read(self, delta: ChatDelta) -> list[Event]:
        """What a delta adds."""
        if delta.retracts_text and not self._streams:
            self._retract()
        events = [*self._reason(delta.reasoning), *self._say(delta.text)]
        if delta.tool_call is not None:
            events += self._call(delta.tool_call)
        self._finish = delta.finish or self._finish
        return events

    def close(self) -> list[Event]:
        """Nothing more comes: close what is open."""
        status = "incomplete" if self._finish in _CUT else "completed"
        return [event for item in self._take_open() for event in item.close(status)]

    def whole(self, metered: MeteredUsage | None) -> dict[str, Any]:
        """The response at its end."""
        cut = _CUT.get(self._finish) if self._finish else None
        if cut is None:
            return self.body("completed", metered) | {"completed_at": now_ms() // 1000}
        return self.body("incomplete", metered) | {"incomplete_details": {"reason": cut}}

    def failed(self, error: Mapping[str, Any], metered: MeteredUsage | None) -> dict[str, Any]:
        """The response where it could not go on."""
        return self.body("failed", metered) | {"error": {"code": error["code"], "message": error["message"]}}

    def body(self, status: str, metered: MeteredUsage | None) -> dict[str, Any]:
        """The response object, with what was asked for."""
        item_status = status if status in ("completed", "incomplete") else "incomplete"
        return {
            **self._head,
            "status": status,
            "background": self._in_background,
            "error": None,
            "incomplete_details": None,
            **self._echo,
            "output": [item.item(item_status) for item in self._items],
            "usage": None if metered is None else usage_body(metered),
        }

    def _say(self, text: str) -> list[Event]:
        return self._write(MessageItem, text) if text else []

    def _reason(self, reasoning: str) -> list[Event]:
        is_open = any(item.kind == ReasoningItem.kind for item in self._open)
        return self._write(ReasoningItem, reasoning) if is_open or reasoning.strip() else []

    def _write(self, kind: type[MessageItem] | type[ReasoningItem], piece: str) -> list[Event]:
        if not piece:
            return []
        events: list[Event] = []
        if not any(item.kind == kind.kind for item in self._open):
            events = [event for item in self._take_open() for event in item.close()]
            events += self._begin(kind(*self._place(kind.kind)))
        return events + self._open[-1].add(piece)

    def _call(self, piece: ToolCallDelta) -> list[Event]:
        """Calls may be written side by side: each stays open until something else is said."""
        events: list[Event] = []
        call = self._calls.get(piece.index)
        if call is None:
            if any(not isinstance(item, CallItem) for item in self._open):
                events = [event for item in self._take_open() for event in item.close()]
            item_id_, index = self._place(CallItem.kind)
            call = CallItem(item_id_, index, call_id=piece.id or item_id_, name=piece.name or "")
            self._calls[piece.index] = call
            events += self._begin(call)
        return events + (call.add(piece.arguments) if piece.arguments else [])

    def _begin(self, item: OutputItem) -> list[Event]:
        self._items.append(item)
        self._open.append(item)
        return item.open()

    def _place(self, kind: str) -> tuple[str, int]:
        index = len(self._items)
        return item_id(kind, self.key, index), index

    def _take_open(self) -> Sequence[OutputItem]:
        taken, self._open = self._open, []
        return taken

    def _retract(self) -> None:
        """All that was said was reasoning."""
        for at, item in enumerate(self._items):
            if isinstance(item, MessageItem):
                thought = ReasoningItem(item_id(ReasoningItem.kind, self.key, at), at)
                thought.text = item.text
                self._items[at] = thought
                self._open = [thought if one is item else one for one in self._open]


def usage_body(metered: MeteredUsage) -> dict[str, Any]:
    """Usage in the form of this API; what Coda adds are the cost and how sure it is."""
    usage = metered.usage
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "cost_usd": None if metered.cost_usd is None else f"{metered.cost_usd:f}",
        "confidence": metered.confidence,
    }
