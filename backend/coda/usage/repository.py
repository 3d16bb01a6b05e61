"""All SQL of the ledger and of reservations. Only flushes: the caller's transaction commits."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Interval, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import table_of
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.core.tokens_spent import TokensSpent, announce
from coda.observability.metrics import COST, TOKENS, model_labels
from coda.usage.models import LedgerEntry, Reservation
from coda.usage.types import Confidence, UsageRecord, UsageSource, UsageTotals

RESERVATION_LIFETIME = timedelta(minutes=15)

# Built once: putting a statement together costs more than running it.
_BOOK = (
    insert(table_of(LedgerEntry))
    .on_conflict_do_nothing(index_elements=["org_id", "source_id"])
    .returning(table_of(LedgerEntry).c.id)
)
_HOLD = insert(table_of(Reservation)).values(expires_at=func.now() + bindparam("lifetime", type_=Interval))
_CLOSE = (
    update(table_of(Reservation))
    .where(
        table_of(Reservation).c.org_id == bindparam("of_org"),
        table_of(Reservation).c.run_id == bindparam("of_run"),
        table_of(Reservation).c.state == "held",
    )
    .values(closed_at=func.now())
)

_CONFIDENCES: tuple[Confidence, ...] = ("provider-reported", "computed", "estimated")
_DOUBT = case({name: doubt for doubt, name in enumerate(_CONFIDENCES)}, value=LedgerEntry.confidence)


class LedgerRepository:
    """The organization's ledger; entries are only ever added."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def book(self, source: UsageSource, record: UsageRecord) -> bool:
        """Add an entry; False where this source is booked already."""
        entry = {"org_id": self._scope.org_id, "id": new_id(), **asdict(source), **asdict(record)}
        is_new = await self._db.scalar(_BOOK, entry) is not None
        if is_new:
            _count(record)
            tokens = record.input_tokens + record.output_tokens
            announce(TokensSpent(self._scope.org_id, source.user_id, source.api_key_id, tokens))
        return is_new

    async def session_totals(self, session_id: UUID) -> UsageTotals:
        """What the scope's person used in one chat session, titles and other side calls included."""
        query = select(
            func.count(),
            func.coalesce(func.sum(LedgerEntry.input_tokens), 0),
            func.coalesce(func.sum(LedgerEntry.output_tokens), 0),
            func.coalesce(func.sum(LedgerEntry.reasoning_tokens), 0),
            func.coalesce(func.sum(LedgerEntry.cached_input_tokens), 0),
            func.coalesce(func.sum(LedgerEntry.cost_usd), 0),
            func.count().filter(LedgerEntry.cost_usd.is_(None)),
            func.max(_DOUBT),
        ).where(
            LedgerEntry.org_id == self._scope.org_id,
            LedgerEntry.user_id == self._scope.user_id,
            LedgerEntry.session_id == session_id,
        )
        calls, tokens_in, tokens_out, reasoning, cached, cost, unpriced, doubt = (await self._db.execute(query)).one()
        confidence = None if doubt is None else _CONFIDENCES[doubt]
        return UsageTotals(calls, tokens_in, tokens_out, reasoning, cached, cost, unpriced, confidence)

    async def last_model(self) -> str | None:
        """The model (`provider/name`) that last answered the scope's person."""
        query = (
            select(LedgerEntry.provider, LedgerEntry.model)
            .where(
                LedgerEntry.org_id == self._scope.org_id,
                LedgerEntry.user_id == self._scope.user_id,
                LedgerEntry.purpose == "answer",
            )
            .order_by(LedgerEntry.created_at.desc())
            .limit(1)
        )
        row = (await self._db.execute(query)).first()
        return None if row is None else f"{row.provider}/{row.model}"


class ReservationRepository:
    """Money held for model calls that are under way."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def hold(
        self, *, run_id: UUID, user_id: UUID, amount_usd: Decimal | None, lifetime: timedelta = RESERVATION_LIFETIME
    ) -> UUID:
        """Hold the worst case of the next model call of a run or request; None where the model has no known price."""
        reservation_id = new_id()
        await self._db.execute(
            _HOLD,
            {
                "org_id": self._scope.org_id,
                "id": reservation_id,
                "run_id": run_id,
                "user_id": user_id,
                "amount_usd": amount_usd,
                "state": "held",
                "lifetime": lifetime,
            },
        )
        return reservation_id

    async def settle(self, run_id: UUID) -> None:
        """Close the run's holds: the actual cost is in the ledger now."""
        await self._close(run_id, state="settled")

    async def release(self, run_id: UUID) -> None:
        """Close the run's holds: nothing was used."""
        await self._close(run_id, state="released")

    async def _close(self, run_id: UUID, *, state: str) -> None:
        await self._db.execute(_CLOSE, {"of_org": self._scope.org_id, "of_run": run_id, "state": state})


def _count(record: UsageRecord) -> None:
    """Tell the metrics; what is booked in a transaction that fails is counted too, so the ledger is the truth."""
    names = model_labels(record.provider, record.model)
    for kind in ("input", "output", "reasoning", "cached_input"):
        TOKENS.labels(*names, kind).inc(getattr(record, f"{kind}_tokens"))
    if record.cost_usd is not None:
        COST.labels(*names).inc(float(record.cost_usd))
