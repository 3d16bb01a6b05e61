"""Has workers ask the servers that only they start, and waits for what these say."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final
from uuid import UUID

from coda.core.db import Database
from coda.core.jobs import JobQueue
from coda.core.scope import Scope
from coda.core.security import Seal
from coda.tools.sources.joined import REFRESH_JOB
from coda.tools.sources.repository import ToolSourceRepository
from coda.tools.sources.schemas import SourceErrorRead, ToolSourceTestRead
from coda.tools.sources.started.errors import NoWorkerAnswered
from coda.tools.sources.started.models import SourceTrial
from coda.tools.sources.started.repository import TrialRepository
from coda.tools.sources.types import Source, SourceKind

TRIAL_JOB: Final = "tool-source-trial"
_LONGEST_WAIT: Final = 55.0
"""Seconds: proxies hang up after a minute."""
_LOOK_EVERY: Final = 0.2


@dataclass(frozen=True, slots=True)
class WorkersAsked:
    """What this process lets workers do about sources, as background jobs."""

    database: Database
    kinds: Mapping[str, SourceKind]
    seal: Seal

    async def list(self, scope: Scope, source_id: UUID) -> bool:
        """Have a source listed where workers do that, and wait for it; gives whether they do."""
        async with self.database.transaction(scope) as db:
            row = await ToolSourceRepository(db, scope).lock(source_id)
            if row is None or not self._is_theirs(row.kind):
                return False
            before = row.checked_at
            await JobQueue(db).enqueue(REFRESH_JOB, scope=scope, ids={"source_id": source_id})
        ends = monotonic() + _LONGEST_WAIT
        while monotonic() < ends:
            await asyncio.sleep(_LOOK_EVERY)
            async with self.database.transaction(scope) as db:
                row = await ToolSourceRepository(db, scope).find(source_id)
                if row is None or row.checked_at != before:
                    break
        return True

    async def test(self, scope: Scope, source: Source) -> ToolSourceTestRead | None:
        """What a source that is not stored says; None where this process asks it itself."""
        if not self._is_theirs(source.kind):
            return None
        sealed = None if source.secret is None else self.seal.close(source.secret, bound_to=str(source.id))
        trial = SourceTrial(
            org_id=scope.org_id, id=source.id, kind=source.kind, config=dict(source.config), sealed=sealed, answer=None
        )
        async with self.database.transaction(scope) as db:
            await TrialRepository(db, scope).insert(trial)
            await JobQueue(db).enqueue(TRIAL_JOB, scope=scope, ids={"trial_id": source.id})
        try:
            return await self._answer(scope, source.id)
        finally:
            async with self.database.transaction(scope) as db:
                await TrialRepository(db, scope).delete(source.id)

    def _is_theirs(self, kind: str) -> bool:
        return kind in self.kinds and self.kinds[kind].is_for_workers

    async def _answer(self, scope: Scope, trial_id: UUID) -> ToolSourceTestRead:
        ends = monotonic() + _LONGEST_WAIT
        while monotonic() < ends:
            await asyncio.sleep(_LOOK_EVERY)
            async with self.database.transaction(scope) as db:
                trial = await TrialRepository(db, scope).find(trial_id)
                if trial is not None and trial.answer is not None:
                    return ToolSourceTestRead.model_validate(trial.answer)
        nobody = NoWorkerAnswered()
        told = SourceErrorRead(code=nobody.code, message=nobody.said)
        return ToolSourceTestRead(ok=False, tools=[], left_out=[], error=told, latency_ms=round(_LONGEST_WAIT * 1000))
