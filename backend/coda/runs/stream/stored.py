"""Reads what is stored of a run's stream; whoever asks has found the run."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import Message
from coda.core.scope import Scope
from coda.runs.models import Run, RunEvent
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.reopening import STRUCTURE

_STRUCTURE = rf'^\{{"type":"({"|".join(STRUCTURE)})"'


class StoredStreams:
    """Frames and messages of runs of one organization."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find_message(self, run: Run) -> Message | None:
        """The message that the run filled."""
        return await self._db.scalar(
            select(Message).where(Message.org_id == self._scope.org_id, Message.id == run.message_id)
        )

    async def list_frames(self, run_id: UUID, *, after: int) -> list[Frame]:
        """All frames behind `after`."""
        return await self._frames(run_id, RunEvent.seq > after)

    async def list_from_structure(self, run_id: UUID, *, after: int) -> list[Frame]:
        """All frames behind `after`, and those up to it that open or close something."""
        if after == 0:
            return await self.list_frames(run_id, after=0)
        return await self._frames(run_id, or_(RunEvent.seq > after, RunEvent.frame.regexp_match(_STRUCTURE)))

    async def last_seq(self, run_id: UUID) -> int:
        """The highest stored seq, 0 before the first frame."""
        query = select(func.coalesce(func.max(RunEvent.seq), 0)).where(*self._of(run_id))
        return int((await self._db.execute(query)).scalar_one())

    async def _frames(self, run_id: UUID, which: Any) -> list[Frame]:  # noqa: ANN401 - an SQL condition
        query = select(RunEvent.seq, RunEvent.fence, RunEvent.frame).where(*self._of(run_id), which)
        rows: Sequence[Any] = (await self._db.execute(query.order_by(RunEvent.seq))).all()
        return [Frame(seq, fence, frame) for seq, fence, frame in rows]

    def _of(self, run_id: UUID) -> tuple[Any, ...]:
        return RunEvent.org_id == self._scope.org_id, RunEvent.run_id == run_id
