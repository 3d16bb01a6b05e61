"""What a model of the paced upstream streams is in its name: `bench-n200-d50` is 200 tokens, one every 50 ms."""

import re
from dataclasses import dataclass

_NAME = re.compile(r"bench-n(\d+)-d(\d+)")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many tokens, and the pause between two."""

    tokens: int
    pause_ms: int

    @property
    def model(self) -> str:
        """The model's name."""
        return f"bench-n{self.tokens}-d{self.pause_ms}"

    @classmethod
    def of(cls, model: str) -> "Plan":
        """Read a model's name; raises ValueError."""
        found = _NAME.search(model)
        if found is None:
            raise ValueError(f"{model} names no plan")
        return cls(int(found[1]), int(found[2]))


STREAM = Plan(200, 50)
"""A long answer at 20 tokens a second."""

FIRST_TOKEN = Plan(20, 50)
"""A short answer, for measuring its beginning."""

SHORT = Plan(1, 0)
"""An answer of one token, for measuring everything but streaming."""

LONG = Plan(1_000, 34)
"""An answer of a thousand events: the log writer stores every 30 ms, so that each token is an event of its own."""

WARM_UP = SHORT
"""What every load asks for once before it measures."""

PLANS = (STREAM, FIRST_TOKEN, SHORT, LONG)
