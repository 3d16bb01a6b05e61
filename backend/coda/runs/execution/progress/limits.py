"""Loop caps of one answer, counted at its root run: steps, tool calls, money, the same call again."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from coda.core.settings import RunSettings
from coda.runs.types import COST_LIMIT


@dataclass(frozen=True, slots=True)
class CapReached:
    """Which cap ended the loop, as the reader is told."""

    code: str
    message: str
    limit: float | int


@dataclass(slots=True)
class Caps:
    """Counts what an answer has done and says when it is enough."""

    settings: RunSettings
    steps: int = 0
    tool_calls: int = 0
    cost_usd: Decimal = Decimal(0)
    same_calls: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count_turn(self, cost_usd: Decimal | None) -> None:
        """A model call is over."""
        self.steps += 1
        self.count_cost(cost_usd)

    def count_cost(self, cost_usd: Decimal | None) -> None:
        """Something was paid for, as far as its price is known."""
        self.cost_usd += cost_usd or Decimal(0)

    def count_call(self, name: str, arguments: str) -> None:
        """A tool was called."""
        self.tool_calls += 1
        self.same_calls[(name, arguments)] += 1

    @property
    def left_usd(self) -> Decimal:
        """What the answer may still cost."""
        return Decimal(str(self.settings.max_cost_usd)) - self.cost_usd

    @property
    def calls_left(self) -> int:
        """How many more tool calls the answer may make."""
        return max(0, self.settings.max_tool_calls - self.tool_calls)

    def reached(self) -> CapReached | None:
        """The first cap that is reached, if any."""
        limits = self.settings
        if self.steps >= limits.max_steps:
            return CapReached("runs.step_limit", "The answer reached its limit of steps.", limits.max_steps)
        if self.tool_calls >= limits.max_tool_calls:
            return CapReached("runs.tool_limit", "The answer reached its limit of tool calls.", limits.max_tool_calls)
        if self.cost_usd >= Decimal(str(limits.max_cost_usd)):
            return CapReached(COST_LIMIT, "The answer reached its limit of cost.", limits.max_cost_usd)
        if any(count >= limits.max_same_call for count in self.same_calls.values()):
            return CapReached(
                "runs.same_call_limit",
                "The model kept making the same tool call, so the loop was ended.",
                limits.max_same_call,
            )
        return None
