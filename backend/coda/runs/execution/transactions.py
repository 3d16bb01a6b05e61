"""What a run writes while it works: steps, tool calls, ledger, each group in one fenced transaction."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import ConditionFailed, Database
from coda.core.scope import Scope
from coda.runs.errors import FencedOut

_AFTER_TRANSACTION = "after_transaction"


def after_transaction(db: AsyncSession, action: Callable[[bool], None]) -> None:
    """Have this told when the fenced transaction is over: whether it was committed."""
    db.info.setdefault(_AFTER_TRANSACTION, []).append(action)


class FencedTransactions:
    """Opens the transactions of one claimed run; each fails once another worker has claimed the run."""

    def __init__(self, database: Database, *, scope: Scope, run_id: UUID, fence: int) -> None:
        self._database, self.scope, self._run_id = database, scope, run_id
        # Made of ids and a number.
        org_id = scope.org_id
        self._holds = (
            f"select from run_queue where org_id = '{org_id}' and run_id = '{run_id}' and fence = {fence:d} for share"
        )
        self._lock = f"select from runs where org_id = '{org_id}' and id = '{run_id}' for update"

    @asynccontextmanager
    async def fenced(self, *, locks_run: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction in the run's scope, during which no other worker can claim it, nor, with `locks_run`,
        a steer come in. Raises FencedOut at its first statement.
        """
        told: list[Callable[[bool], None]] = []
        is_committed = False
        try:
            condition = f"{self._lock};{self._holds}" if locks_run else self._holds
            async with self._database.transaction_if(self.scope, condition) as db:
                db.info[_AFTER_TRANSACTION] = told
                yield db
            is_committed = True
        except ConditionFailed:
            raise FencedOut(self._run_id) from None
        finally:
            for action in told:
                action(is_committed)

    @asynccontextmanager
    async def unfenced(self) -> AsyncIterator[AsyncSession]:
        """One transaction in the run's scope, also after the claim was lost: for reading only."""
        async with self._database.transaction(self.scope) as db:
            yield db
