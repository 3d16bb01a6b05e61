"""Runs: how one begins and ends, who finds which."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, Uuid, bindparam, delete, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession
from coda.conversations.visibility import PerActor, values_of, writable
from coda.core.pagination import Cursor
from coda.core.scope import Scope
from coda.runs.models import QueuedRun, Run, RunCheckpoint, ToolCall
from coda.runs.repository.visibility import readable_run, writable_run
from coda.runs.types import RunEnd

# One statement over three tables: a run must reach its model within few round trips.
_BEGIN = text("""
    with begun as (
        update runs set status = 'running', started_at = coalesce(started_at, now()), trace_id = :trace_id
         where org_id = :org_id and id = :run_id and status in ('queued', 'running')
     returning id, root_run_id, parent_run_id, org_id, session_id, message_id, user_id, api_key_id, model, params,
               continues
    ), shown as (
        update messages m set status = 'streaming', trace_id = :trace_id
          from begun where m.org_id = begun.org_id and m.id = begun.message_id
     returning m.parent_id as question_id
    ), live as (
        update chat_sessions s set run_status = 'running'
          from begun where s.org_id = begun.org_id and s.id = begun.session_id
     returning s.title_source is not null as is_named
    )
    select begun.*, shown.question_id, live.is_named, coalesce(person.time_zone, 'UTC') as time_zone,
           exists (select 1 from run_steers w where w.org_id = begun.org_id and w.root_run_id = begun.root_run_id
                                                and w.taken_turn is null) as has_steers,
           (select jsonb_agg(jsonb_build_object('level', p.level, 'source', p.source, 'name', p.name,
                                                'enabled', p.enabled, 'approval', p.approval))
              from tool_policies p
             where p.org_id = begun.org_id and (p.session_id = begun.session_id or p.user_id = begun.user_id))
           as tool_policies
      from begun, shown, live, users person
     where person.id = begun.user_id
""")

# The end of a run in one statement: its row, its last events, its place in the queue, and what waits for its answer.
_END = text("""
    with ended as (
        update runs set status = :status, error = cast(:error as jsonb), interrupts = cast(:interrupts as jsonb),
                        last_seq = :last_seq, finished_at = now()
         where org_id = :org_id and id = :run_id
    ), told as (
        insert into run_events (org_id, run_id, seq, fence, frame)
        select :org_id, :run_id, last.seq, :fence, last.frame
          from unnest(cast(:seqs as bigint[]), cast(:frames as text[])) as last(seq, frame)
    ), gone as (
        delete from run_queue
         where org_id = :org_id and run_id = :run_id and fence = :fence and cast(:leaves as bool)
    ), followed as (
        update run_queue set state = :follow, available_at = now(), enqueued_at = now()
         where org_id = :org_id and after_message_id = :message_id and state = 'blocked'
           and cast(:follow as text) is not null
     returning run_id
    )
    select array(select run_id from followed) as followers,
           exists (select from run_queue where state = 'queued') as has_waiting_runs
""")

# Built once: putting a statement together costs more than running it.
_FIND_ANY = select(Run).where(Run.org_id == bindparam("org_id", type_=Uuid), Run.id == bindparam("id", type_=Uuid))
_FIND = PerActor(lambda scope: _FIND_ANY.where(readable_run(scope)))
_FIND_WRITABLE = PerActor(lambda scope: _FIND_ANY.where(writable_run(scope)))
_LOCK = PerActor(lambda scope: _FIND_WRITABLE(scope).with_for_update().execution_options(populate_existing=True))


class RunRepository:
    """Runs of one organization, as far as the scope may read and command them."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find(self, run_id: UUID) -> Run | None:
        """A run that may be read."""
        return await self._db.scalar(_FIND(self._scope), self._one(run_id))

    async def find_writable(self, run_id: UUID) -> Run | None:
        """A run that may be commanded."""
        return await self._db.scalar(_FIND_WRITABLE(self._scope), self._one(run_id))

    async def find_any(self, run_id: UUID) -> Run | None:
        """A run of the organization, of any person (for workers)."""
        return await self._db.scalar(_FIND_ANY, {"org_id": self._scope.org_id, "id": run_id})

    async def lock(self, run_id: UUID) -> Run | None:
        """A run that may be commanded, as it is now, locked until the transaction ends."""
        return await self._db.scalar(_LOCK(self._scope), self._one(run_id))

    async def find_next(self, run_id: UUID) -> Run | None:
        """The run that continues this one."""
        return await self._db.scalar(select(Run).where(Run.org_id == self._scope.org_id, Run.parent_run_id == run_id))

    async def find_waiting(self, call_ids: Collection[UUID]) -> Run | None:
        """The run that was interrupted by these tool calls, among others perhaps, and may be commanded."""
        answers = select(ToolCall.root_run_id).where(ToolCall.org_id == self._scope.org_id, ToolCall.id.in_(call_ids))
        query = (
            select(Run)
            .where(Run.org_id == self._scope.org_id, Run.root_run_id.in_(answers), Run.interrupts.is_not(None))
            .where(writable_run(self._scope))
            .order_by(Run.created_at.desc())
        )
        wanted = {str(call_id) for call_id in call_ids}
        for run in await self._db.scalars(query, values_of(self._scope)):
            if wanted <= {item["tool_call_id"] for item in run.interrupts or ()}:
                return run
        return None

    async def find_interrupted(self, interrupt_id: str) -> Run | None:
        """The newest run that was interrupted by this and may be commanded."""
        query = (
            select(Run)
            .where(Run.org_id == self._scope.org_id, Run.status == "interrupted", writable_run(self._scope))
            .where(Run.user_id == self._scope.user_id, Run.interrupts.contains([{"id": interrupt_id}]))
            .order_by(Run.created_at.desc())
            .limit(1)
        )
        return await self._db.scalar(query, values_of(self._scope))

    async def decisions(self, root_run_id: UUID) -> dict[UUID, dict[str, Any]]:
        """What people have decided on an answer's tool calls, by call."""
        query = select(Run.decisions).where(
            Run.org_id == self._scope.org_id, Run.root_run_id == root_run_id, Run.decisions.is_not(None)
        )
        made = (await self._db.scalars(query)).all()
        return {UUID(decision["tool_call_id"]): decision for decisions in made for decision in decisions or ()}

    async def forget_checkpoint(self, root_run_id: UUID) -> None:
        """The answer continues after its stored turns, not from where its graph stood."""
        await self._db.execute(
            delete(RunCheckpoint).where(RunCheckpoint.org_id == self._scope.org_id, RunCheckpoint.id == root_run_id)
        )

    async def list_own(self, *, status: str | None, cursor: Cursor | None, limit: int) -> Sequence[Run]:
        """What the person asked for and may still read, newest first; one more than `limit` tells of a next page."""
        query = (
            select(Run)
            .where(Run.org_id == self._scope.org_id, Run.user_id == self._scope.user_id, readable_run(self._scope))
            .order_by(Run.created_at.desc(), Run.id.desc())
            .limit(limit + 1)
        )
        if status:
            query = query.where(Run.status == status)
        if cursor:
            query = query.where(tuple_(Run.created_at, Run.id) < tuple_(cursor.at, cursor.id))
        return (await self._db.scalars(query, values_of(self._scope))).all()

    async def list_working_in_deleted(self, session_id: UUID) -> Sequence[UUID]:
        """The runs in a deleted session that are running or queued, newest first."""
        query = (
            select(Run.id)
            .join(QueuedRun, (QueuedRun.org_id == Run.org_id) & (QueuedRun.run_id == Run.id))
            .join(ChatSession, (ChatSession.org_id == Run.org_id) & (ChatSession.id == Run.session_id))
            .where(writable(self._scope), ChatSession.id == session_id, ChatSession.deleted_at.is_not(None))
            .order_by(Run.created_at.desc(), Run.id.desc())
        )
        return (await self._db.scalars(query, values_of(self._scope))).all()

    async def begin(self, run_id: UUID, *, trace_id: str | None) -> RowMapping | None:
        """Mark a claimed run, its message and its session as working; None when the run is over already."""
        rows = await self._db.execute(_BEGIN, {"org_id": self._scope.org_id, "run_id": run_id, "trace_id": trace_id})
        return rows.mappings().first()

    async def end(self, end: RunEnd, *, leaves: bool, follow: str | None) -> tuple[list[UUID], bool]:
        """Close a run. Gives the runs that waited for its answer, and whether any run waits for a worker.

        `leaves`: it gives up its place in the queue. `follow`: the state that those which wait for the answer get now.
        """
        given = {
            "org_id": self._scope.org_id,
            "run_id": end.run_id,
            "message_id": end.message_id,
            "fence": end.fence,
            "status": end.status,
            "error": _json(end.error),
            "interrupts": _json(end.interrupts),
            "last_seq": end.last_seq,
            "seqs": [seq for seq, _ in end.frames],
            "frames": [frame for _, frame in end.frames],
            "leaves": leaves,
            "follow": follow,
        }
        row = (await self._db.execute(_END, given)).one()
        return list(row.followers), row.has_waiting_runs

    def _one(self, run_id: UUID) -> dict[str, Any]:
        return {**values_of(self._scope), "org_id": self._scope.org_id, "id": run_id}


def _json(value: object) -> str | None:
    return orjson.dumps(value).decode() if value else None
