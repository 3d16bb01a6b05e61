"""Admission: whether a new run may be queued, in which order runs are claimed, and the position of each.

A row of `run_queue` that no worker executes is `queued` (waits for a worker), `blocked` (waits for the unfinished
answer `after_message_id`) or `held` (that answer was stopped or failed: a person decides).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.settings import RunSettings
from coda.runs.errors import RunsBusy, TooManyQueued
from coda.runs.queue.commands import RunCommand

WaitingState = Literal["queued", "blocked", "held"]
WaitsFor = Literal["worker", "answer", "person"]
_WAITS_FOR: Final[dict[str, WaitsFor]] = {"queued": "worker", "blocked": "answer", "held": "person"}
_LONGEST_RETRY: Final = 60

# The organization with the fewest runs at work goes next, then the oldest run; who is over their own cap goes last.
FAIR_ORDER: Final = """
    people as (
        select user_id, count(*) as runs from run_queue where state = 'running' group by user_id
    ), organizations_at_work as (
        select org_id, count(*) as runs from run_queue where state = 'running' group by org_id
    ), of_person as (
        select q.run_id, q.org_id, q.available_at,
               coalesce(p.runs, 0) + row_number() over (partition by q.user_id order by q.available_at, q.run_id)
                   > :per_user as is_over
          from run_queue q left join people p on p.user_id = q.user_id
         where q.state = 'queued' and q.available_at <= now()
    ), ordered as (
        select m.org_id, m.run_id, m.is_over, m.available_at,
               coalesce(o.runs, 0)
                   + row_number() over (partition by m.org_id, m.is_over order by m.available_at, m.run_id) as turn
          from of_person m left join organizations_at_work o on o.org_id = m.org_id
    )
"""
_CAPACITY: Final = """
    (select coalesce(sum(concurrency), 0) from workers where seen_at > now() - interval '20 seconds')
"""
_LOAD = text(f"""
    select count(*) filter (where state = 'queued') as waiting,
           count(*) filter (where state = 'running') as working,
           count(*) filter (where user_id = :user_id and state <> 'running') as own_waiting,
           count(*) filter (where user_id = :user_id and state = 'running') as own_working,
           coalesce(extract(epoch from now() - min(available_at) filter (where state = 'queued')), 0)::int as oldest,
           {_CAPACITY} as capacity,
           exists (select from runs where org_id = :org_id and id = :run_id) as is_run_known,
           exists (select from removed_runs where org_id = :org_id and id = :run_id) as is_run_removed,
           exists (select from removed_runs where org_id = :org_id and question_id = :message_id) as is_message_removed
      from run_queue where state in ('queued', 'running') or (state = 'blocked' and user_id = :user_id)
""")  # noqa: S608 - made of constants
_POSITIONS = text(f"""
    with {FAIR_ORDER}, numbered as (
        select org_id, run_id, is_over, row_number() over (order by is_over, turn, available_at, run_id) as position
          from ordered
    )
    select run_id, position,
           is_over or position + (select count(*) from run_queue where state = 'running') > {_CAPACITY} as waits
      from numbered where org_id = :org_id and run_id = any(:run_ids)
""")  # noqa: S608 - made of constants
# How many unfinished answers a run waits for: each waits for the one above it.
_POSITIONS_BEHIND = text("""
    with recursive above as (
        select q.run_id as of_run, q.org_id, q.after_message_id, 1 as position
          from run_queue q where q.org_id = :org_id and q.run_id = any(:run_ids) and q.state = 'blocked'
      union all
        select a.of_run, a.org_id, next.after_message_id, a.position + 1
          from above a cross join lateral (
              select q.after_message_id from runs r join run_queue q on q.org_id = r.org_id and q.run_id = r.id
               where r.org_id = a.org_id and r.message_id = a.after_message_id and q.state = 'blocked' limit 1
          ) next
         where a.position < 1000
    )
    select of_run as run_id, max(position) as position from above group by of_run
""")
_VIEWS = text("select run_id, state, command from run_queue where org_id = :org_id and run_id = any(:run_ids)")


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """The position of a run that no worker executes, counted from 1."""

    position: int
    waits_for: WaitsFor


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue's part of a run as the API gives it."""

    is_paused: bool
    position: QueuePosition | None


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """How full the queue is for a new run, and whether its ids are in use, or were used by a run that was removed."""

    waiting: int
    working: int
    own_waiting: int
    own_working: int
    oldest: int
    capacity: int
    is_run_known: bool
    is_run_removed: bool
    is_message_removed: bool


class AdmissionControl:
    """Limits of the queue, and positions in it, as one transaction sees them."""

    def __init__(self, db: AsyncSession, settings: RunSettings, *, org_id: UUID) -> None:
        self._db, self._settings, self._org_id = db, settings, org_id

    async def load(self, *, user_id: UUID, run_id: UUID | None = None, message_id: UUID | None = None) -> QueueLoad:
        """How full it is for a new run of this person, with these ids."""
        given = {"org_id": self._org_id, "user_id": user_id, "run_id": run_id, "message_id": message_id}
        return QueueLoad(**(await self._db.execute(_LOAD, given)).one()._mapping)

    def check(self, load: QueueLoad) -> None:
        """Raises RunsBusy and TooManyQueued."""
        retry_after = min(max(load.oldest, 1), _LONGEST_RETRY)
        if load.own_waiting >= self._settings.max_queued_per_user:
            raise TooManyQueued(position=load.own_waiting + 1, retry_after=retry_after)
        if load.waiting >= self._settings.max_queued:
            raise RunsBusy(position=load.waiting + 1, retry_after=retry_after)

    def must_wait(self, load: QueueLoad) -> bool:
        """Whether no worker has room for one more, or the person has as many at work as one may."""
        own = load.own_working + load.own_waiting
        is_full = load.working + load.waiting >= load.capacity
        return is_full or own >= self._settings.max_per_user

    async def views(self, run_ids: Sequence[UUID]) -> dict[UUID, QueueView]:
        """The queue's part of these runs; those that are over are missing."""
        if not run_ids:
            return {}
        rows = (await self._db.execute(_VIEWS, {"org_id": self._org_id, "run_ids": list(run_ids)})).all()
        states = {row.run_id: row.state for row in rows}
        positions = await self.positions(states)
        return {row.run_id: QueueView(row.command == RunCommand.PAUSE, positions.get(row.run_id)) for row in rows}

    async def positions(self, states: dict[UUID, str]) -> dict[UUID, QueuePosition]:
        """The positions of waiting runs; a run that a worker has room for has none."""
        positions = {run_id: 1 for run_id, state in states.items() if state == "held"}
        if "queued" in states.values():
            queued, per_user = _in_state(states, "queued"), self._settings.max_per_user
            given = {"org_id": self._org_id, "run_ids": queued, "per_user": per_user}
            rows = await self._db.execute(_POSITIONS, given)
            positions |= {row.run_id: row.position for row in rows if row.waits}
        if "blocked" in states.values():
            given = {"org_id": self._org_id, "run_ids": _in_state(states, "blocked")}
            rows = await self._db.execute(_POSITIONS_BEHIND, given)
            positions |= {row.run_id: row.position for row in rows}
        return {run_id: QueuePosition(position, _WAITS_FOR[states[run_id]]) for run_id, position in positions.items()}


def _in_state(states: dict[UUID, str], state: WaitingState) -> list[UUID]:
    return [run_id for run_id, found in states.items() if found == state]
