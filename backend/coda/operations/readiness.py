"""Whether this process can do its work: database, hub, worker."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from coda.core.db import Database
from coda.core.errors import CodaError
from coda.operations.repository import InstanceRepository

_PATIENCE: Final = 2.0
_WORKER_SILENCE: Final = timedelta(seconds=20)

Check = Callable[[], Awaitable[str | None]]
"""Gives what is wrong, None when all is well."""


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """What is wrong with each part, None where nothing is."""

    problems: Mapping[str, str | None]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is wrong."""
        return not any(self.problems.values())


class ReadinessProbe:
    """Asks each part, all at once, none for longer than two seconds."""

    def __init__(self, database: Database, *, is_hub_well: Callable[[], Awaitable[bool]]) -> None:
        self._database, self._is_hub_well = database, is_hub_well
        self._checks: dict[str, Check] = {"database": self._database_answers, "hub": self._hub, "worker": self._worker}

    async def ask(self) -> ReadinessReport:
        """Run every check."""
        results = await asyncio.gather(*(self._ask(check) for check in self._checks.values()))
        return ReadinessReport(dict(zip(self._checks, results, strict=True)))

    async def _ask(self, check: Check) -> str | None:
        try:
            return await asyncio.wait_for(check(), _PATIENCE)
        except TimeoutError:
            return "no answer"
        except (OSError, CodaError):
            return "not reachable"

    async def _database_answers(self) -> None:
        async with self._database.transaction(None) as db:
            await InstanceRepository(db).queue_state()

    async def _hub(self) -> str | None:
        return None if await self._is_hub_well() else "Redis is away; other processes' events come late"

    async def _worker(self) -> str | None:
        async with self._database.transaction(None) as db:
            alive = await InstanceRepository(db).has_live_worker(within=_WORKER_SILENCE)
        return None if alive else "no worker has shown itself; start `coda worker`"
