"""What a run writes while it works: steps, tool calls, ledger, each group in one fenced transaction."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.scope import Scope
from coda.runs.errors import FencedOut
from coda.runs.queue import RunQueue

_AT_END = "at_end"


def at_end(db: AsyncSession, action: Callable[[bool], None]) -> None:
    """Have this told when the journal's transaction is over: whether it was committed."""
    db.info.setdefault(_AT_END, []).append(action)


class Journal:
    """Opens the transactions of one claimed run; each fails once the run was taken over."""

    def __init__(self, database: Database, *, scope: Scope, run_id: UUID, fence: int) -> None:
        self._database, self.scope, self._run_id, self._fence = database, scope, run_id, fence

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One transaction in the run's scope, during which the claim cannot be taken over; raises FencedOut."""
        told: list[Callable[[bool], None]] = []
        is_committed = False
        try:
            async with self._database.transaction(self.scope) as db:
                db.info[_AT_END] = told
                if not await RunQueue(db).holds(run_id=self._run_id, fence=self._fence):
                    raise FencedOut(self._run_id)
                yield db
            is_committed = True
        finally:
            for action in told:
                action(is_committed)

    @asynccontextmanager
    async def unfenced(self) -> AsyncIterator[AsyncSession]:
        """One transaction in the run's scope, whoever holds the run: for reading only."""
        async with self._database.transaction(self.scope) as db:
            yield db
