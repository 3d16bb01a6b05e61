"""Whether this process can do its work. Without its database it cannot; hub and workers belong to others."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from coda.core.db import Database
from coda.core.errors import CodaError
from coda.operations.repository import InstanceRepository

_PATIENCE: Final = 2.0
_FRESH: Final = 1.0
_NEEDED: Final = frozenset({"database"})
_WORKER_SILENCE: Final = timedelta(seconds=20)

Check = Callable[[], Awaitable[str | None]]
"""Gives what is wrong, None when all is well."""


@dataclass(frozen=True, slots=True)
class ReadinessReport:
    """What is wrong with each part, None where nothing is; parts that have not been asked are not there."""

    problems: Mapping[str, str | None]
    is_draining: bool = False

    @property
    def status(self) -> Literal["ready", "degraded", "not_ready", "draining"]:
        """`degraded`: the process does its work, and something around it is missing."""
        if self.is_draining:
            return "draining"
        wrong = {name for name, problem in self.problems.items() if problem}
        if wrong & _NEEDED:
            return "not_ready"
        return "degraded" if wrong else "ready"

    @property
    def is_ready(self) -> bool:
        """Whether new work may be sent here."""
        return self.status in ("ready", "degraded")


class ReadinessProbe:
    """Asks each part, all at once, none for longer than two seconds, and none twice in one second."""

    def __init__(
        self,
        database: Database,
        *,
        is_hub_well: Callable[[], Awaitable[bool]],
        is_draining: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database, self._is_hub_well, self._is_draining = database, is_hub_well, is_draining
        self._asking = asyncio.Lock()
        self._last: tuple[float, ReadinessReport] | None = None
        self._checks: dict[str, Check] = {"database": self._database_answers, "hub": self._hub, "worker": self._worker}

    async def ask(self) -> ReadinessReport:
        """What the checks say. A process that drains says so at once."""
        if self._is_draining():
            return ReadinessReport({}, is_draining=True)
        clock = asyncio.get_running_loop().time
        async with self._asking:
            if self._last is None or clock() - self._last[0] > _FRESH:
                self._last = clock(), await self._ask_all()
            return self._last[1]

    async def _ask_all(self) -> ReadinessReport:
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
