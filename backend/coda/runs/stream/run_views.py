"""Runs as the API gives them: the stored row, the position in the queue, and steers that were not read yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.core.settings import RunSettings
from coda.runs.models import Run, RunSteer
from coda.runs.queue.admission import AdmissionControl, QueuePosition
from coda.runs.repository import SteerRepository
from coda.runs.schemas import PendingSteer, RunQueuePlace, RunRead
from coda.runs.types import WORKING_STATUSES

_STORED = RunRead.model_fields.keys() - {"paused", "queue", "pending_steers"}


@dataclass(frozen=True, slots=True)
class RunViews:
    """Renders runs as one transaction sees them."""

    admission: AdmissionControl
    steers: SteerRepository

    async def many(self, runs: Sequence[Run]) -> list[RunRead]:
        """Runs in the order given; queue and steers are asked only where one of them is not over."""
        views = await self.admission.views([run.id for run in runs if run.status in WORKING_STATUSES])
        steers = await self._unread(runs)
        rendered = []
        for run in runs:
            view = views.get(run.id)
            position = view.position if view and run.status == "queued" else None
            is_paused = view.is_paused if view else False
            rendered.append(_view(run, position, is_paused=is_paused, steers=steers.get(run.id, ())))
        return rendered

    async def one(self, run: Run) -> dict[str, Any]:
        """One run, ready to be dumped."""
        return (await self.many([run]))[0].model_dump(mode="json")

    async def _unread(self, runs: Sequence[Run]) -> dict[UUID, list[RunSteer]]:
        """What waits to be read, by the run that would read it; a run that takes none has read them all."""
        readers = {run.root_run_id: run.id for run in runs if run.takes_steers and _may_read(run)}
        unread: dict[UUID, list[RunSteer]] = {}
        for steer in await self.steers.list_unread(readers):
            unread.setdefault(readers[steer.root_run_id], []).append(steer)
        return unread


def run_views(db: AsyncSession, scope: Scope, settings: RunSettings) -> RunViews:
    """Runs as this transaction sees them."""
    return RunViews(AdmissionControl(db, settings, org_id=scope.org_id), SteerRepository(db, scope))


def new_run_view(run: Run, position: QueuePosition | None) -> dict[str, Any]:
    """A run that was stored just now, ready to be dumped."""
    return _view(run, position, is_paused=False).model_dump(mode="json")


def _may_read(run: Run) -> bool:
    return run.status in WORKING_STATUSES or run.status == "interrupted"


def _view(run: Run, position: QueuePosition | None, *, is_paused: bool, steers: Sequence[RunSteer] = ()) -> RunRead:
    stored = {name: getattr(run, name) for name in _STORED}
    queue = RunQueuePlace.model_validate(position) if position else None
    pending = [PendingSteer.model_validate(steer) for steer in steers]
    return RunRead(**stored, paused=is_paused, queue=queue, pending_steers=pending)
