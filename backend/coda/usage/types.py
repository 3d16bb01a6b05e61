"""What is booked: where the usage came from and what it was."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, Protocol
from uuid import UUID

Confidence = Literal["provider-reported", "computed", "estimated"]


@dataclass(frozen=True, slots=True)
class UsageSource:
    """Who used a model and for what. `source_id` names the step or request, which is booked only once."""

    source_id: UUID
    user_id: UUID
    purpose: str
    api_key_id: UUID | None = None
    session_id: UUID | None = None
    message_id: UUID | None = None
    run_id: UUID | None = None
    root_run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """Tokens and cost of one model call. `cost_usd` is None where no price is known."""

    provider: str
    model: str
    host: str
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cached_input_tokens: int
    cost_usd: Decimal | None
    confidence: Confidence
    price_version: str | None


@dataclass(frozen=True, slots=True)
class UsageFigures:
    """What model calls used, as messages, steps and events show it. `cost_usd` is None where no price is known."""

    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cached_input_tokens: int
    cost_usd: Decimal | None
    confidence: Confidence

    def since(self, earlier: "UsageFigures") -> "UsageFigures":
        """What was used after an earlier moment of the same sums."""
        is_priced = self.cost_usd is not None and earlier.cost_usd is not None
        return UsageFigures(
            input_tokens=self.input_tokens - earlier.input_tokens,
            output_tokens=self.output_tokens - earlier.output_tokens,
            reasoning_tokens=self.reasoning_tokens - earlier.reasoning_tokens,
            cached_input_tokens=self.cached_input_tokens - earlier.cached_input_tokens,
            cost_usd=(self.cost_usd or Decimal(0)) - (earlier.cost_usd or Decimal(0)) if is_priced else None,
            confidence=self.confidence,
        )

    def as_dict(self) -> dict[str, Any]:
        """The public form; the cost is a decimal string."""
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "cached_input_tokens": self.cached_input_tokens,
            "cost_usd": money(self.cost_usd),
            "confidence": self.confidence,
        }

    @classmethod
    def from_dict(cls, figures: Mapping[str, Any]) -> "UsageFigures":
        """Back from the public form."""
        cost = figures["cost_usd"]
        return cls(**{**figures, "cost_usd": None if cost is None else Decimal(cost)})


@dataclass(frozen=True, slots=True)
class UsageTotals:
    """Sums over ledger entries, and the weakest confidence. `cost_usd` sums what is priced, not `unpriced_calls`."""

    calls: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cached_input_tokens: int
    cost_usd: Decimal
    unpriced_calls: int
    confidence: Confidence | None


class Totals(Protocol):
    """Where what was used is summed up."""

    async def session_totals(self, session_id: UUID) -> UsageTotals:
        """What the scope's person used in one chat session, titles and other side calls included."""
        ...


def money(value: Decimal | None) -> str | None:
    """A decimal string without an exponent or trailing zeros; None stays None (unpriced)."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


class Holds(Protocol):
    """Where the worst case of a model call is held before it is made."""

    async def hold(self, *, run_id: UUID, user_id: UUID, amount_usd: Decimal | None) -> UUID:
        """Hold an amount; None where the model has no known price."""
        ...

    async def release(self, run_id: UUID) -> None:
        """Close the run's holds: nothing was used."""
        ...
