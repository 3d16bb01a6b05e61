"""Reading runs."""

from typing import Any
from uuid import UUID

from coda.core.pagination import Cursor, Page, page_of, position_of
from coda.runs.errors import PromptNotMade, RunNotFound
from coda.runs.models import Run, RunStep
from coda.runs.repository import RunRepository, StepRepository
from coda.runs.schemas import RunRead
from coda.runs.stream.run_views import RunViews


class RunService:
    """A person's own runs."""

    def __init__(self, runs: RunRepository, steps: StepRepository, views: RunViews) -> None:
        self._runs, self._steps, self._views = runs, steps, views

    async def get(self, run_id: UUID) -> RunRead:
        """One run; raises RunNotFound."""
        return (await self._views.many([await self._find(run_id)]))[0]

    async def list_runs(self, *, status: str | None, cursor: str | None, limit: int) -> Page[RunRead]:
        """The person's runs, newest first."""
        rows = await self._runs.list_own(status=status, cursor=Cursor.decode(cursor), limit=limit)
        page = page_of(rows, limit=limit, key=lambda run: Cursor(run.created_at, run.id))
        return Page(await self._views.many(page.items), page.next_cursor)

    async def list_steps(self, run_id: UUID, *, cursor: str | None, limit: int) -> Page[RunStep]:
        """The steps of the run's whole answer, in the order of their start."""
        run = await self._find(run_id)
        rows = await self._steps.list_steps(run.root_run_id, after=position_of(cursor) or 0, limit=limit)
        more = len(rows) > limit
        return Page(rows[:limit], str(rows[limit - 1].position) if more else None)

    async def context(self, run_id: UUID) -> dict[str, Any]:
        """What went into the answer's first prompt; raises PromptNotMade before it was built."""
        run = await self._find(run_id)
        context = await self._steps.find_context(run.root_run_id)
        if context is None:
            raise PromptNotMade(run_id)
        return context

    async def _find(self, run_id: UUID) -> Run:
        run = await self._runs.find(run_id)
        if run is None:
            raise RunNotFound(run_id)
        return run
