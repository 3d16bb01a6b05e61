"""Tool calls of runs: stored before they are made, and with their results."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import table_of
from coda.core.scope import Scope
from coda.runs.models import ToolCall

_AT_ONCE = 250
"""Rows of one statement: a model may ask for thousands of calls, and others wait while a statement is put together."""
_INSERT = insert(table_of(ToolCall))  # built once: putting a statement together costs more than running it


class ToolCallRepository:
    """Tool calls of one organization's runs."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def insert(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store tool calls before they are made."""
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            await self._db.execute(_INSERT, [{"org_id": self._scope.org_id, **row} for row in some])

    async def update(self, call_ids: Sequence[UUID], **values: Any) -> None:  # noqa: ANN401 - columns of ToolCall
        """Change tool calls."""
        await self._db.execute(
            update(ToolCall).where(ToolCall.org_id == self._scope.org_id, ToolCall.id.in_(call_ids)).values(**values)
        )

    async def fail_open(self, root_run_id: UUID, *, error: Mapping[str, Any]) -> None:
        """The calls of an answer that gave no result, and never will."""
        await self._db.execute(
            update(ToolCall)
            .where(
                ToolCall.org_id == self._scope.org_id,
                ToolCall.root_run_id == root_run_id,
                ToolCall.status.in_(("pending", "waiting", "running")),
            )
            .values(status="failed", error=dict(error))
        )

    async def list_of(self, root_run_id: UUID) -> Sequence[ToolCall]:
        """All tool calls of an answer, in order."""
        query = (
            select(ToolCall)
            .where(ToolCall.org_id == self._scope.org_id, ToolCall.root_run_id == root_run_id)
            .order_by(ToolCall.turn, ToolCall.id)
        )
        return (await self._db.scalars(query)).all()
