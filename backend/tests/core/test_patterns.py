"""Patterns are compiled when they are first used: here, all of them."""

import gc
import importlib
import pkgutil
import time
from collections.abc import Iterator

import pytest

import coda
from coda.core.patterns import Pattern


def all_patterns() -> Iterator[Pattern]:
    for module in pkgutil.walk_packages(coda.__path__, "coda."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    yield from (found for found in gc.get_objects() if isinstance(found, Pattern))


def test_every_pattern_of_the_code_is_one() -> None:
    patterns = list(all_patterns())

    for pattern in patterns:
        pattern.search("")
    assert len(patterns) > 50


def test_what_re2_does_not_know_is_told() -> None:
    with pytest.raises(ValueError, match="is no pattern of RE2"):
        Pattern(r"(?=ahead)").search("")


def test_no_pattern_holds_the_loop_when_it_is_first_used() -> None:
    """A counted repetition of a class of all letters is a program of a megabyte: such bounds are counted in code."""
    for pattern in all_patterns():
        fresh = Pattern(f"(?:{pattern.source})")  # RE2 remembers the one itself
        begun = time.thread_time()
        fresh.search("x")
        assert time.thread_time() - begun < 0.2, pattern.source
