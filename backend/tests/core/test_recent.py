"""A dictionary that keeps what was used last."""

from coda.core.recent import Recent


def test_what_was_untouched_for_longest_is_forgotten() -> None:
    lists: Recent[str, list[str]] = Recent(list, most=2)
    for name in ("a", "b", "a", "c"):
        lists.of(name).append(name)

    assert len(lists) == 2
    assert (lists.of("a"), lists.of("c")) == (["a", "a"], ["c"])
    assert lists.of("b") == []
