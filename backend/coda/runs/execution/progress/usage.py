"""What an answer has used so far, all its model calls together."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coda.llm.types import MeteredUsage
from coda.usage.types import Confidence, money

_WEAKEST: dict[Confidence, int] = {"provider-reported": 0, "computed": 1, "estimated": 2}


@dataclass(slots=True)
class AnswerUsage:
    """Sums of tokens and cost. One unpriced call makes the whole cost unknown."""

    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cached_input_tokens: int = 0
    cost_usd: Decimal | None = Decimal(0)
    confidence: Confidence | None = None

    def add(self, call: MeteredUsage) -> None:
        """Count one model call in."""
        self.input_tokens += call.usage.input_tokens
        self.output_tokens += call.usage.output_tokens
        self.reasoning_tokens += call.usage.reasoning_tokens
        self.cached_input_tokens += call.usage.cached_input_tokens
        known = self.cost_usd is not None and call.cost_usd is not None
        self.cost_usd = (self.cost_usd or Decimal(0)) + (call.cost_usd or Decimal(0)) if known else None
        if self.confidence is None or _WEAKEST[call.confidence] > _WEAKEST[self.confidence]:
            self.confidence = call.confidence

    def as_dict(self) -> dict[str, Any] | None:
        """The public form; None before the first model call is over."""
        if self.confidence is None:
            return None
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "reasoning_tokens": self.reasoning_tokens,
            "cached_input_tokens": self.cached_input_tokens,
            "cost_usd": money(self.cost_usd),
            "confidence": self.confidence,
        }


def usage_of(metered: MeteredUsage) -> dict[str, Any]:
    """One model call's usage as its step shows it."""
    return {
        "input_tokens": metered.usage.input_tokens,
        "output_tokens": metered.usage.output_tokens,
        "reasoning_tokens": metered.usage.reasoning_tokens,
        "cached_input_tokens": metered.usage.cached_input_tokens,
        "cost_usd": money(metered.cost_usd),
        "confidence": metered.confidence,
    }
