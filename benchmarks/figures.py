"""Figures of a set of measurements."""

import math
from collections.abc import Sequence
from typing import TypedDict


class Spread(TypedDict):
    """Median, 95th and 99th percentile by nearest rank, and how many values there were."""

    p50: float | None
    p95: float | None
    p99: float | None
    count: int


def spread(values: Sequence[float], *, digits: int = 1) -> Spread:
    """The percentiles; None without values."""
    ordered = sorted(values)
    return {
        "p50": _rank(ordered, 0.5, digits),
        "p95": _rank(ordered, 0.95, digits),
        "p99": _rank(ordered, 0.99, digits),
        "count": len(ordered),
    }


def _rank(ordered: Sequence[float], share: float, digits: int) -> float | None:
    if not ordered:
        return None
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], digits)
