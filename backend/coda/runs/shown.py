"""Runs as the public contract shows them: what is stored, and where they stand in the queue."""

from collections.abc import Sequence
from typing import Any

from coda.runs.line import Place, WaitingLine
from coda.runs.models import Run
from coda.runs.schemas import RunQueuePlace, RunRead
from coda.runs.types import WORKING_STATUSES

_STORED = RunRead.model_fields.keys() - {"paused", "queue"}


async def show(line: WaitingLine, runs: Sequence[Run]) -> list[RunRead]:
    """Runs in the order given; the queue is asked only where one of them is not over."""
    views = await line.views([run.id for run in runs if run.status in WORKING_STATUSES])
    shown = []
    for run in runs:
        view = views.get(run.id)
        place = view.place if view and run.status == "queued" else None
        shown.append(_shown(run, place, is_paused=view.is_paused if view else False))
    return shown


async def show_one(line: WaitingLine, run: Run) -> dict[str, Any]:
    """One run, ready to be dumped."""
    return (await show(line, [run]))[0].model_dump(mode="json")


def show_new(run: Run, place: Place | None) -> dict[str, Any]:
    """A run that was stored just now, ready to be dumped."""
    return _shown(run, place, is_paused=False).model_dump(mode="json")


def _shown(run: Run, place: Place | None, *, is_paused: bool) -> RunRead:
    stored = {name: getattr(run, name) for name in _STORED}
    queue = RunQueuePlace.model_validate(place) if place else None
    return RunRead(**stored, paused=is_paused, queue=queue)
