"""Ledger entries (append-only) and reservations."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId


class LedgerEntry(Base):
    """One model call as it was paid for. `source_id` is the step or request: it can be booked only once."""

    __tablename__ = "ledger_entries"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    source_id: Mapped[UUID]
    user_id: Mapped[UUID]
    api_key_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    root_run_id: Mapped[UUID | None]
    purpose: Mapped[str]
    provider: Mapped[str]
    model: Mapped[str]
    host: Mapped[str]
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    reasoning_tokens: Mapped[int]
    cached_input_tokens: Mapped[int]
    cost_usd: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    confidence: Mapped[str]
    price_version: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        UniqueConstraint("org_id", "source_id"),
        CheckConstraint("purpose in ('answer', 'title', 'summary', 'judge', 'embedding', 'api')", name="purpose"),
        CheckConstraint("confidence in ('provider-reported', 'computed', 'estimated')", name="confidence"),
        Index("ix_ledger_entries_user_id", "org_id", "user_id", "created_at"),
        Index("ix_ledger_entries_root_run_id", "org_id", "root_run_id"),
        Index("ix_ledger_entries_session_id", "org_id", "session_id", postgresql_where=text("session_id is not null")),
        Index("ix_ledger_entries_created_at", "org_id", "created_at"),
    )


class Reservation(Base):
    """The worst case of a model call, held until it is settled or released. `run_id` is the run's, or the request's."""

    __tablename__ = "reservations"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    run_id: Mapped[UUID]
    user_id: Mapped[UUID]
    amount_usd: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    state: Mapped[str]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("state in ('held', 'settled', 'released')", name="state"),
        Index("ix_reservations_run_id", "org_id", "run_id"),
        Index("ix_reservations_held", "expires_at", postgresql_where=text("state = 'held'")),
    )
