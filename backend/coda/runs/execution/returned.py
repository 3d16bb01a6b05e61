"""What the provider of a turn wants back with it: kept beside the turn's step, shown to nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from coda.llm.types import ModelInfo, Opaque, ReasoningBlock, TurnPayload
from coda.runs.execution.output.answer import OpenToolCall
from coda.runs.models import StepPayload


@dataclass(frozen=True, slots=True)
class ReturnedPayload:
    """Fields of the provider's wire, for the message of the turn and for its calls by our id."""

    provider: str
    model: str
    message: Mapping[str, Any]
    calls: Mapping[UUID, Mapping[str, Any]]

    @classmethod
    def of_turn(
        cls, payload: TurnPayload | None, calls: Sequence[OpenToolCall], model: ModelInfo
    ) -> "ReturnedPayload | None":
        """What a stream has ended with, its calls by our ids."""
        if payload is None:
            return None
        by_id = {call.id: _sorted(payload.calls[call.index]) for call in calls if call.index in payload.calls}
        return cls(model.provider, model.name, _sorted(payload.message), by_id)

    @classmethod
    def of_row(cls, row: StepPayload) -> "ReturnedPayload":
        """As it was stored."""
        calls = {UUID(call_id): _sorted(fields) for call_id, fields in row.calls.items()}
        return cls(row.provider, row.model, _sorted(row.message), calls)

    def as_values(self) -> dict[str, Any]:
        """As it is stored."""
        calls = {str(call_id): dict(fields) for call_id, fields in self.calls.items()}
        return {"provider": self.provider, "model": self.model, "message": dict(self.message), "calls": calls}

    def reasoning(self, text: str) -> ReasoningBlock | None:
        """The turn's chain of thought, where something goes back with it."""
        return ReasoningBlock(text, self._opaque(self.message)) if self.message else None

    def of_call(self, call_id: UUID) -> Opaque | None:
        """What goes back with one call."""
        fields = self.calls.get(call_id)
        return self._opaque(fields) if fields else None

    def _opaque(self, fields: Mapping[str, Any]) -> Opaque:
        return Opaque(self.provider, self.model, fields)


def _sorted(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its keys in one order, inside too: jsonb forgets theirs, and a prompt has to be the same after a take-over."""
    fields_in_order: Mapping[str, Any] = orjson.loads(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS))
    return fields_in_order
