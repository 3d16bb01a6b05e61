"""Builds the ledger and the reservations of a scope from a transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.usage.repository import LedgerRepository, ReservationRepository


def ledger(db: AsyncSession, scope: Scope) -> LedgerRepository:
    """The organization's ledger."""
    return LedgerRepository(db, scope)


def reservations(db: AsyncSession, scope: Scope) -> ReservationRepository:
    """The organization's reservations."""
    return ReservationRepository(db, scope)
