"""Token counts as providers report them. A count that cannot be right is 0, which the metering estimates."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from coda.llm.types import ChatUsage

_MOST_TOKENS: Final = 100_000_000
"""More than any window; beyond it a count is a mistake."""
_MOST_USD: Final = Decimal(1_000_000)


def read_count(value: object) -> int:
    """A count, whatever its form; 0 for what is none."""
    if isinstance(value, bool):
        return 0
    try:
        number = float(value)  # type: ignore[arg-type]  # anything that float refuses is no count
        count = int(number)
    except (TypeError, ValueError, OverflowError):
        return 0
    return count if 0 <= count <= _MOST_TOKENS else 0


def read_cost(value: object) -> Decimal | None:
    """USD, as a number or as text; None for what is no cost."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        cost = Decimal(str(value))
    except InvalidOperation:
        return None
    return cost if cost.is_finite() and 0 <= cost <= _MOST_USD else None


def read_usage(usage: object) -> ChatUsage | None:
    """Token counts; a server that counts reasoning beside the output gets it added. None for what is no usage."""
    if not isinstance(usage, dict) or not usage:
        return None
    prompt = _first(usage, "prompt_tokens", "input_tokens")
    output = _first(usage, "completion_tokens", "output_tokens")
    details = _details(usage, "completion_tokens_details", "output_tokens_details")
    reasoning = read_count(details.get("reasoning_tokens") or usage.get("reasoning_tokens"))
    cached = _details(usage, "prompt_tokens_details", "input_tokens_details").get("cached_tokens")
    total = read_count(usage.get("total_tokens"))
    if reasoning and (reasoning > output or total == prompt + output + reasoning):
        output += reasoning
    return ChatUsage(
        input_tokens=prompt,
        output_tokens=output,
        reasoning_tokens=reasoning,
        cached_input_tokens=min(read_count(cached or usage.get("prompt_cache_hit_tokens")), prompt),
        cost_usd=read_cost(usage.get("cost")),
    )


def newer_usage(known: ChatUsage | None, usage: object) -> ChatUsage | None:
    """What is known once this has come too: counts of nothing say nothing where others have come before."""
    read = read_usage(usage)
    counts_nothing = read is None or not (read.input_tokens or read.output_tokens)
    return known if counts_nothing and known is not None else read


def _first(usage: Mapping[str, Any], *names: str) -> int:
    return next((count for name in names if (count := read_count(usage.get(name)))), 0)


def _details(usage: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return next((details for name in names if isinstance(details := usage.get(name), dict)), {})
