"""Steps of runs: the bars of the timeline, among them the model calls that make an answer's turns."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, cast, delete, exists, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from coda.conversations.visibility import values_of
from coda.core.scope import Scope
from coda.runs.models import Run, RunStep
from coda.runs.repository.visibility import readable_run


class StepRepository:
    """Steps of one organization's runs."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def delete_steps(self, step_ids: Sequence[UUID]) -> None:
        """Take back steps that were planned and never began."""
        if step_ids:
            await self._db.execute(
                delete(RunStep).where(RunStep.org_id == self._scope.org_id, RunStep.id.in_(step_ids))
            )

    async def finish_step(self, step_id: UUID, **values: Any) -> None:  # noqa: ANN401 - columns of RunStep
        """Write how a step ended."""
        await self._db.execute(
            update(RunStep).where(RunStep.org_id == self._scope.org_id, RunStep.id == step_id).values(**values)
        )

    async def close_open(self, run_id: UUID, *, status: str) -> None:
        """Close the steps that an early end left running."""
        elapsed = (func.extract("epoch", func.now() - RunStep.started_at) * 1000).cast(RunStep.duration_ms.type)
        await self._db.execute(
            update(RunStep)
            .where(RunStep.org_id == self._scope.org_id, RunStep.run_id == run_id, RunStep.status == "running")
            .values(status=status, duration_ms=elapsed)
        )

    async def list_steps(self, root_run_id: UUID, *, after: int, limit: int) -> Sequence[RunStep]:
        """The steps of an answer (all runs of the root), in the order of their start."""
        query = (
            select(RunStep)
            .where(
                RunStep.org_id == self._scope.org_id,
                RunStep.root_run_id == root_run_id,
                RunStep.position > after,
                self._is_readable(),
            )
            .order_by(RunStep.position)
            .limit(limit + 1)
        )
        return (await self._db.scalars(query, values_of(self._scope))).all()

    async def visits(self, root_run_id: UUID) -> dict[str, int]:
        """How often each node of the graph was visited for an answer."""
        name, visit = func.split_part(RunStep.name, "#", 1), func.split_part(RunStep.name, "#", 2)
        query = (
            select(name, func.max(cast(visit, Integer)))
            .where(
                RunStep.org_id == self._scope.org_id,
                RunStep.root_run_id == root_run_id,
                RunStep.kind == "node",
                RunStep.status != "discarded",
            )
            .group_by(name)
        )
        return {row[0]: row[1] for row in await self._db.execute(query)}

    async def find_context(self, root_run_id: UUID) -> dict[str, Any] | None:
        """What the answer's `prepare` step recorded of its prompt."""
        query = (
            select(RunStep.data["context"])
            .where(
                RunStep.org_id == self._scope.org_id,
                RunStep.root_run_id == root_run_id,
                RunStep.data.has_key("context"),
                self._is_readable(),
            )
            .order_by(RunStep.position)
            .limit(1)
        )
        context: dict[str, Any] | None = await self._db.scalar(query, values_of(self._scope))
        return context

    async def rewrite_context(self, root_run_id: UUID, record: Mapping[str, Any]) -> None:
        """The answer's prompt is not any more what its `prepare` step recorded."""
        await self._db.execute(
            update(RunStep)
            .where(
                RunStep.org_id == self._scope.org_id,
                RunStep.root_run_id == root_run_id,
                RunStep.data.has_key("context"),
            )
            .values(data=RunStep.data.op("||")(literal({"context": dict(record)}, JSONB)))
        )

    async def list_turns(self, root_run_id: UUID) -> Sequence[RunStep]:
        """The model calls of an answer that were finished, or cut by a person or a failure, in order."""
        query = select(RunStep).where(self._is_turn_of(root_run_id)).order_by(RunStep.position)
        return (await self._db.scalars(query)).all()

    async def last_turn(self, root_run_id: UUID) -> int:
        """The number of the last of them; 0 where there is none."""
        turn = cast(RunStep.data["turn"].astext, Integer)
        return await self._db.scalar(select(func.max(turn)).where(self._is_turn_of(root_run_id))) or 0

    def _is_turn_of(self, root_run_id: UUID) -> ColumnElement[bool]:
        return and_(
            RunStep.org_id == self._scope.org_id,
            RunStep.root_run_id == root_run_id,
            RunStep.kind == "model",
            RunStep.status.in_(("done", "cancelled", "failed")),
            RunStep.data.has_key("turn"),
        )

    async def list_cut_turns(self, root_run_id: UUID) -> Sequence[RunStep]:
        """The model calls of an answer that were cut and paid for, and then made again."""
        query = select(RunStep).where(
            RunStep.org_id == self._scope.org_id,
            RunStep.root_run_id == root_run_id,
            RunStep.kind == "model",
            RunStep.status == "discarded",
            RunStep.usage.is_not(None),
        )
        return (await self._db.scalars(query)).all()

    async def find_open_call(self, run_id: UUID) -> tuple[RunStep, str] | None:
        """The model call of a run that has no end, and the visit to a node that it was begun in."""
        node = aliased(RunStep)
        query = (
            select(RunStep, node.name)
            .join(node, and_(node.org_id == RunStep.org_id, node.id == RunStep.parent_id))
            .where(
                RunStep.org_id == self._scope.org_id,
                RunStep.run_id == run_id,
                RunStep.kind == "model",
                RunStep.status == "running",
            )
        )
        found = (await self._db.execute(query)).first()
        return None if found is None else (found[0], found[1])

    def _is_readable(self) -> ColumnElement[bool]:
        is_root = and_(Run.org_id == RunStep.org_id, Run.id == RunStep.root_run_id)
        return exists().where(is_root, readable_run(self._scope))
