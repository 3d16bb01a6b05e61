"""What an answer has used so far, all its model calls together."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coda.llm.types import MeteredUsage
from coda.usage.types import Confidence, UsageFigures

_WEAKEST: dict[Confidence, int] = {"provider-reported": 0, "computed": 1, "estimated": 2}


@dataclass(slots=True)
class AnswerUsage:
    """Sums of tokens and cost; None before the first model call. One unpriced call makes the whole cost unknown."""

    figures: UsageFigures | None = None

    def add(self, call: MeteredUsage) -> None:
        """Count one model call in."""
        new, sums = call.figures, self.figures
        self.figures = new if sums is None else _sum(sums, new)

    def as_dict(self) -> dict[str, Any] | None:
        """The public form."""
        return None if self.figures is None else self.figures.as_dict()


def _sum(one: UsageFigures, other: UsageFigures) -> UsageFigures:
    return UsageFigures(
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        reasoning_tokens=one.reasoning_tokens + other.reasoning_tokens,
        cached_input_tokens=one.cached_input_tokens + other.cached_input_tokens,
        cost_usd=_sum_of_costs(one.cost_usd, other.cost_usd),
        confidence=max(one.confidence, other.confidence, key=_WEAKEST.__getitem__),
    )


def _sum_of_costs(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
