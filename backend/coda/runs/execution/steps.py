"""The steps of a run as they happen: collected here, written with the next transaction of the run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.plan import PromptPlan
from coda.core.clock import Stopwatch, now
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.runs.execution.stored_texts import StoredTexts
from coda.runs.execution.transactions import after_transaction
from coda.runs.repository.prompts import STORE_BEGINNING, STORE_PLAN
from coda.tools.selection import ToolSelection

# New steps and the ends of known ones alike; a step is written again where it was not known whether it had been stored.
_STEPS = """
    insert into run_steps (org_id, id, run_id, root_run_id, parent_id, kind, name, status, started_at, duration_ms,
                           usage, data)
    select :org_id, s.id, :run_id, :root_run_id, s.parent_id, s.kind, s.name, s.status, s.started_at, s.duration_ms,
           cast(s.usage as jsonb), cast(s.data as jsonb)
      from unnest(cast(:ids as uuid[]), cast(:parent_ids as uuid[]), cast(:kinds as text[]), cast(:names as text[]),
                  cast(:statuses as text[]), cast(:started_ats as timestamptz[]), cast(:durations as int[]),
                  cast(:usages as text[]), cast(:datas as text[])) with ordinality
        as s(id, parent_id, kind, name, status, started_at, duration_ms, usage, data, place)
     order by s.place
    on conflict (org_id, id) do update
       set status = excluded.status, duration_ms = excluded.duration_ms, usage = excluded.usage, data = excluded.data
"""
_WRITE = text(_STEPS)
_WRITE_WITH_PLAN = text(STORE_PLAN + _STEPS)
_WRITE_WITH_BEGINNING = text(STORE_BEGINNING + _STEPS)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an answer is begun with and its later runs go on with: the plan of its prompt, and its tools."""

    plan: PromptPlan
    tools: ToolSelection
    stored_texts: StoredTexts

    async def store(self, db: AsyncSession, run: Mapping[str, Any], steps: Mapping[str, Any]) -> None:
        """Store it together with steps, and of what it refers to only what is not known to be stored."""
        org_id = run["org_id"]
        texts = self.stored_texts.unknown(org_id, self.plan.texts)
        specs = self.stored_texts.unknown(org_id, self.tools.texts)
        plan = {
            "plan": orjson.dumps(self.plan.as_dict()).decode(),
            "tools": orjson.dumps(self.tools.as_stored()).decode(),
        }
        if not (texts or specs):
            await db.execute(_WRITE_WITH_PLAN, {**run, **steps, **plan})
            return
        sent = {
            "text_hashes": list(texts),
            "texts": list(texts.values()),
            "spec_hashes": list(specs),
            "specs": list(specs.values()),
        }

        def note(is_committed: bool) -> None:
            if is_committed:
                self.stored_texts.stored(org_id, [*texts, *specs])

        after_transaction(db, note)
        await db.execute(_WRITE_WITH_BEGINNING, {**run, **steps, **plan, **sent})


@dataclass(slots=True)
class Step:
    """One bar of the timeline. `stored` is its status in the database, None while it is not there."""

    kind: str
    name: str
    parent_id: UUID | None = None
    id: UUID = field(default_factory=new_id)
    status: str = "running"
    stored: str | None = None
    started_at: datetime = field(default_factory=now)
    duration_ms: int | None = None
    usage: dict[str, Any] | None = None
    data: dict[str, Any] = field(default_factory=dict)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)

    def finish(self, *, status: str = "done", duration_ms: int | None = None) -> None:
        """The step is over; its duration is of this host's monotonic clock, where none is given."""
        self.status = status
        self.duration_ms = self.stopwatch.elapsed_ms() if duration_ms is None else duration_ms


class StepLog:
    """Opens steps and remembers which of them the database has not seen yet."""

    def __init__(self, *, run_id: UUID, root_run_id: UUID) -> None:
        self._run_id, self._root_run_id = run_id, root_run_id
        self._steps: list[Step] = []
        self._under_way: set[UUID] = set()

    def open(self, kind: str, name: str, *, parent: Step | None = None, data: dict[str, Any] | None = None) -> Step:
        """A step begins now."""
        step = Step(kind=kind, name=name, parent_id=parent.id if parent else None, data=data or {})
        self._steps.append(step)
        return step

    async def flush(self, db: AsyncSession, scope: Scope, *, beginning: Beginning | None = None) -> None:
        """Write new steps and the ends of known ones; again, where the fenced transaction is rolled back.

        `beginning`: is stored by the same statement.
        """
        changed = [step for step in self._steps if step.id not in self._under_way and step.stored != step.status]
        written = [(step, step.status) for step in changed]
        self._under_way.update(step.id for step in changed)
        after_transaction(db, lambda is_committed: self._after_transaction(written, is_committed=is_committed))
        run = {"org_id": scope.org_id, "run_id": self._run_id, "root_run_id": self._root_run_id}
        if beginning is not None:
            await beginning.store(db, run, _columns(changed))
        elif changed:
            await db.execute(_WRITE, {**run, **_columns(changed)})

    def _after_transaction(self, written: list[tuple[Step, str]], *, is_committed: bool) -> None:
        self._under_way.difference_update(step.id for step, _ in written)
        if not is_committed:
            return
        for step, status in written:
            step.stored = status
        self._steps = [step for step in self._steps if step.stored in (None, "running")]

    def finish_open(self, status: str) -> None:
        """An early end: whatever still runs, ends so."""
        for step in self._steps:
            if step.status == "running":
                step.finish(status=status)


def _columns(steps: list[Step]) -> dict[str, list[Any]]:
    return {
        "ids": [step.id for step in steps],
        "parent_ids": [step.parent_id for step in steps],
        "kinds": [step.kind for step in steps],
        "names": [step.name for step in steps],
        "started_ats": [step.started_at for step in steps],
        "statuses": [step.status for step in steps],
        "durations": [step.duration_ms for step in steps],
        "usages": [orjson.dumps(step.usage).decode() if step.usage is not None else None for step in steps],
        "datas": [orjson.dumps(step.data).decode() for step in steps],
    }
