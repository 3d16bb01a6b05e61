"""Which jobs there are: a name, what does it, and how often by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from coda.core.jobs.types import Handler

_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_MINUTE: Final = timedelta(minutes=1)
_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class RegisteredJob:
    """A kind of job. `every`: it is enqueued by itself that often, once for the whole instance."""

    name: str
    handler: Handler
    every: timedelta | None = None

    @property
    def cron(self) -> str:
        """`every` as a cron expression, seconds last."""
        if self.every is None:
            raise ValueError(f"{self.name} has no schedule")
        if self.every < _MINUTE:
            return f"* * * * * */{self.every // _SECOND}"
        if self.every < _HOUR:
            return f"*/{self.every // _MINUTE} * * * *"
        return "0 * * * *" if self.every == _HOUR else "0 3 * * *"


class JobRegistry:
    """Filled by each domain's `jobs.py` at the composition root."""

    def __init__(self) -> None:
        self._jobs: dict[str, RegisteredJob] = {}

    def add(self, name: str, handler: Handler, *, every: timedelta | None = None) -> None:
        """Let `handler` do the jobs of this name.

        A schedule is a day, an hour, or whole minutes or seconds that divide the next unit.
        """
        if name in self._jobs:
            raise ValueError(f"Two handlers want the job {name}.")
        if every is not None and not _is_regular(every):
            raise ValueError(f"{name}: {every} divides neither a minute nor an hour evenly, nor is it a day.")
        self._jobs[name] = RegisteredJob(name, handler, every)

    def __iter__(self) -> Iterator[RegisteredJob]:
        return iter(self._jobs.values())


def _is_regular(every: timedelta) -> bool:
    if every == _DAY:
        return True
    unit, whole = (_SECOND, _MINUTE) if every < _MINUTE else (_MINUTE, _HOUR)
    return unit <= every <= whole and not every % unit and not whole % every
