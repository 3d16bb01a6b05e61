"""Measures whether work grows no faster than its text, in processor time of this thread alone.

A busy machine slows all sizes alike, so what is compared is the ratio between two sizes; what is quick at the larger
one needs no comparison.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from time import thread_time
from typing import Any

from coda.core.errors import CodaError

SMALL = 1_000
GROWTH = 4
_QUICK = 0.01
_TRIES = 4
_MOST_RATIO = GROWTH * 2.5  # a square would be GROWTH * GROWTH

# What has held backtracking engines and nested loops before; `{n}` times each.
PIECES = (
    " ", "\n", "\t", "a", "1", "(", "[", "\\", "-", "|", ",", "1,", "1,234,", "1e", "a ", "a.", "a:", "é ", "!", "。",
    "*", "_", "*a ", "**a", "`", "~~~", "```", "[a](", "<a ", "http://", "a://u:", "sk-abcdefgh.", "eyJaaaaaaaaaaa.",
    '"', '\\"', '"message":"', "maximize ", "subject to ", "maximize x subject to ", "x + ", "x <= 4; ", "3x4", "by ",
    "sqrt ", "sqrt(", "now ", "2026-01-01 ", "1/2/2026 ", "in A ", "in A_", "long ", "long text ", "about ", "today",
    "5 days ", "- a\n", "> ", "# ", "a;b\n", "a|b\n", "|---", "---|", "$", "%", "5% of ", "\\u0000", "\x00", "\ud800",
)  # fmt: skip
ENDS = ("x",)


def adversarial_texts(size: int, ends: Sequence[str] = ENDS) -> list[str]:
    """Texts of about this size, the same for each size but for the repetition."""
    texts = [(piece * (size // len(piece) + 1))[:size] + end for piece in PIECES for end in ends]
    framed = [f"maximize x{' ' * size}y", f"a|b\n{' ' * size}x", f"title{' ' * size}", f"{'(' * 50}1{' ' * size}"]
    return texts + framed


def assert_linear(work: Callable[[str], Any], *, small: int = SMALL, ends: Sequence[str] = ENDS) -> None:
    """Fails where the work on a text takes more than in proportion. An error in the domain's own words is an answer."""
    for short, long in zip(adversarial_texts(small, ends), adversarial_texts(small * GROWTH, ends), strict=True):
        if _seconds(work, long) >= _QUICK:
            ratios = [_seconds(work, long) / max(_seconds(work, short), 1e-6) for _ in range(_TRIES)]
            assert min(ratios) <= _MOST_RATIO, (
                f"{long[:30]!r}: {min(ratios):.1f} times the time for {GROWTH} times the text"
            )


def _seconds(work: Callable[[str], Any], text: str) -> float:
    begun = thread_time()
    with suppress(CodaError):
        work(text)
    return thread_time() - begun
