"""Steers, the sentences that people send into working runs: kept in order, read once, at a step boundary."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.runs.models import NO_TURN, Run, RunSteer

_SHUT_UNLESS_WAITING = text("""
    update runs set takes_steers = false
     where org_id = :org_id and id = :run_id
       and not (takes_steers
                and exists (select from run_steers
                             where org_id = :org_id and root_run_id = :root_run_id and taken_turn is null))
 returning id
""")


@dataclass(frozen=True, slots=True)
class TakenSteer:
    """What the agent has just read."""

    id: UUID
    content: str


class SteerRepository:
    """Steers of one organization."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def insert(self, run: Run, content: str, *, steer_id: UUID | None = None) -> bool:
        """Leave a sentence for a run, which the caller has locked; False where the id is in use."""
        new = {"org_id": run.org_id, "run_id": run.id, "root_run_id": run.root_run_id, "content": content}
        statement = insert(RunSteer).values(id=steer_id or new_id(), **new).on_conflict_do_nothing()
        return await self._db.scalar(statement.returning(RunSteer.id)) is not None

    async def find(self, steer_id: UUID) -> RunSteer | None:
        """A steer of the organization."""
        return await self._db.scalar(select(RunSteer).where(self._ours(), RunSteer.id == steer_id))

    async def count(self, root_run_id: UUID) -> int:
        """How many an answer has got."""
        query = select(func.count()).where(self._ours(), RunSteer.root_run_id == root_run_id)
        return int((await self._db.execute(query)).scalar_one())

    async def is_repeated(self, run: Run, content: str, *, within: timedelta) -> bool:
        """Whether the last sentence for this run is the same and is still unread, or was sent just now."""
        query = (
            select(
                RunSteer.content == content,
                RunSteer.taken_turn.is_(None) | (RunSteer.created_at > func.now() - within),
            )
            .where(self._ours(), RunSteer.run_id == run.id)
            .order_by(RunSteer.created_at.desc(), RunSteer.id.desc())
            .limit(1)
        )
        row = (await self._db.execute(query)).first()
        return row is not None and all(row)

    async def take(self, root_run_id: UUID, *, by: UUID, turn: int) -> list[TakenSteer]:
        """Read the steers for an answer's next turn, oldest first, and mark them as read."""
        taken = (
            update(RunSteer)
            .where(self._ours(), RunSteer.root_run_id == root_run_id, RunSteer.taken_turn.is_(None))
            .values(taken_by=by, taken_turn=turn)
            .returning(RunSteer.created_at, RunSteer.id, RunSteer.content)
        )
        return [TakenSteer(steer_id, content) for _, steer_id, content in sorted((await self._db.execute(taken)).all())]

    async def list_unread(self, root_run_ids: Collection[UUID]) -> Sequence[RunSteer]:
        """What waits to be read in these answers, oldest first."""
        if not root_run_ids:
            return ()
        query = (
            select(RunSteer)
            .where(self._ours(), RunSteer.root_run_id.in_(root_run_ids), RunSteer.taken_turn.is_(None))
            .order_by(RunSteer.created_at, RunSteer.id)
        )
        return (await self._db.scalars(query)).all()

    async def list_taken(self, root_run_id: UUID) -> Sequence[RunSteer]:
        """What an answer's turns have read, in that order."""
        query = (
            select(RunSteer)
            .where(self._ours(), RunSteer.root_run_id == root_run_id, RunSteer.taken_turn.is_not(None))
            .order_by(RunSteer.taken_turn, RunSteer.created_at, RunSteer.id)
        )
        return (await self._db.scalars(query)).all()

    async def close(self, run_id: UUID, root_run_id: UUID) -> bool:
        """Take no more of them, unless some wait: then False.

        The caller has locked the run's row, with a statement before this one, so that this one sees a steer that was
        inserted meanwhile.
        """
        given = {"org_id": self._scope.org_id, "run_id": run_id, "root_run_id": root_run_id}
        return (await self._db.execute(_SHUT_UNLESS_WAITING, given)).first() is not None

    async def take_last(self, run_id: UUID, root_run_id: UUID) -> list[TakenSteer]:
        """The run ends early: take no more of them, and give those that were not read."""
        await self._shut(run_id)
        return await self.take(root_run_id, by=run_id, turn=NO_TURN)

    async def assign_to_turn(self, root_run_id: UUID, turn: int) -> None:
        """The answer is continued: what no turn has read, this one reads first."""
        await self._db.execute(
            update(RunSteer)
            .where(self._ours(), RunSteer.root_run_id == root_run_id, RunSteer.taken_turn == NO_TURN)
            .values(taken_turn=turn)
        )

    async def _shut(self, run_id: UUID) -> None:
        await self._db.execute(
            update(Run).where(Run.org_id == self._scope.org_id, Run.id == run_id).values(takes_steers=False)
        )

    def _ours(self) -> ColumnElement[bool]:
        return RunSteer.org_id == self._scope.org_id
