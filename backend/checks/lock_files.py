"""Proves that each lock file is complete: it satisfies every requirement of ours and of every distribution in it.

Locks are installed without resolving, so a missing line would be a missing module. `pip check` reads no extras; this
does, from the metadata of what is installed. Environments other than this one are walked as far as that metadata goes.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

BACKEND = Path(__file__).resolve().parents[1]
PROJECT = BACKEND / "pyproject.toml"
LOCKS = ("requirements.lock", *(f"requirements-{group}.lock" for group in ("dev", "build", "node", "uv")))

Environment = dict[str, str]
_MACHINES = (("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64"))
_PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> int:
    """Print each gap; 1 when there is any."""
    problems = list(all_problems())
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def all_problems() -> Iterator[str]:
    """The gaps of every lock, and the names on which two locks differ."""
    locks = {name: read_pins((BACKEND / name).read_text()) for name in LOCKS}
    for name, pins in locks.items():
        for problem in gaps(pins, wanted_of(name)):
            yield f"{name}: {problem}"
    yield from differences(locks)


def wanted_of(lock: str) -> list[Requirement]:
    """What pyproject.toml asks of this lock."""
    project = tomllib.loads(PROJECT.read_text())
    groups = project["dependency-groups"]
    asked: dict[str, list[str]] = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-dev.lock": [*project["project"]["dependencies"], *groups["dev"]],
        "requirements-build.lock": [*project["build-system"]["requires"], *groups["build"]],
        "requirements-node.lock": groups["node"],
        "requirements-uv.lock": groups["uv"],
    }
    return [Requirement(line) for line in asked[lock]]


def read_pins(text: str) -> list[Requirement]:
    """The lines of a lock that pin a distribution, hashes left out."""
    return [Requirement(line.rstrip("\\ ")) for line in text.splitlines() if line[:1].isalnum()]


def gaps(pins: Iterable[Requirement], wanted: Iterable[Requirement]) -> list[str]:
    """What is required and not in the lock, each once, over this environment and the others we support."""
    pins, wanted = list(pins), list(wanted)
    found: dict[str, None] = {}
    for environment in (this_environment(), *other_environments()):
        walk = Walk(pins, environment)
        walk.follow("pyproject.toml", wanted)
        found |= dict.fromkeys(walk.problems)
    return list(found)


def differences(locks: dict[str, list[Requirement]]) -> Iterator[str]:
    """Names that two locks pin to different versions: each install would undo the other."""
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    for lock, pins in locks.items():
        for pin in pins:
            key, version = (canonicalize_name(pin.name), str(pin.marker or "")), str(pin.specifier)
            first, first_version = seen.setdefault(key, (lock, version))
            if version != first_version:
                yield f"{pin.name} is {first_version} in {first} and {version} in {lock}"


def this_environment() -> Environment:
    """The markers of the interpreter that runs the check."""
    return {name: str(value) for name, value in default_environment().items()}


def other_environments() -> Iterator[Environment]:
    """The markers of the other systems and interpreters that Coda is installed on."""
    here = this_environment()
    for platform, system, machine in _MACHINES:
        for python in _PYTHONS:
            where = {"sys_platform": platform, "platform_system": system, "platform_machine": machine}
            versions = {"python_version": python, "python_full_version": f"{python}.0"}
            yield here | where | versions | {"implementation_version": f"{python}.0"}


@dataclass
class Walk:
    """One walk from our requirements through everything that the lock brings, in one environment."""

    pins: Iterable[Requirement]
    environment: Environment
    problems: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        applying = [pin for pin in self.pins if pin.marker is None or pin.marker.evaluate(self.environment)]
        self._versions = {canonicalize_name(pin.name): next(iter(pin.specifier)).version for pin in applying}
        self._is_here = self.environment == this_environment()
        self._done: set[tuple[str, str]] = set()

    def follow(self, source: str, requirements: Iterable[Requirement], extra: str = "") -> None:
        """Check the requirements that apply, and those of what they name."""
        for requirement in requirements:
            if requirement.marker is None or requirement.marker.evaluate(self.environment | {"extra": extra}):
                self._check(source, requirement)

    def _check(self, source: str, requirement: Requirement) -> None:
        name = canonicalize_name(requirement.name)
        version = self._versions.get(name)
        if version is None:
            self.problems.append(f"{source} requires {requirement}, which is not in the lock")
            return
        self.reached.add(name)
        if not requirement.specifier.contains(version, prereleases=True):
            self.problems.append(f"{source} requires {requirement}, the lock has {version}")
        for extra in ("", *requirement.extras):
            if (name, extra) not in self._done:
                self._done.add((name, extra))
                self.follow(f"{name} {version}", self._required_by(name, version), extra)

    def _required_by(self, name: str, version: str) -> tuple[Requirement, ...]:
        found = installed(name)
        if found is not None and found[0] == version:
            return found[1]
        if self._is_here:
            have = f"{found[0]} is" if found else "it is not"
            self.problems.append(f"{name} {version} is in the lock, {have} installed: `make locks` installs it")
        return ()


@cache
def installed(name: str) -> tuple[str, tuple[Requirement, ...]] | None:
    """Version and requirements of an installed distribution."""
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return found.version, tuple(Requirement(line) for line in found.requires or ())


if __name__ == "__main__":
    sys.exit(main())
