"""Tables of identity: all are global, for a person exists once, but API keys, which belong to a tenant.

Policies show the app role what belongs to the transaction's person or organization. What is asked before that is known,
and every hash, goes through functions of the database.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId
from coda.core.ids import new_id


class User(Base):
    """A person. `is_operator` is the right to run this instance."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str]
    name: Mapped[str]
    locale: Mapped[str | None]
    time_zone: Mapped[str | None]
    password_hash: Mapped[str | None] = mapped_column(deferred=True, deferred_raiseload=True)
    is_operator: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    suspended_at: Mapped[datetime | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (Index("uq_users_email", func.lower(text("email")), unique=True),)


class Login(Base):
    """One sign-in on one device; its refresh tokens form a family."""

    __tablename__ = "logins"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    org_id: Mapped[UUID]
    user_agent: Mapped[str | None]
    address: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    last_used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str | None]


class RefreshToken(Base):
    """One link of a login's chain; only the hash is kept."""

    __tablename__ = "refresh_tokens"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    login_id: Mapped[UUID] = mapped_column(ForeignKey("logins.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    reused_once: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class OneTimeToken(Base):
    """A link that works once: set-up of the instance, invitation, password reset."""

    __tablename__ = "one_time_tokens"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    id: Mapped[UUID] = mapped_column(default=new_id, unique=True)
    purpose: Mapped[str]
    email: Mapped[str | None]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    org_id: Mapped[UUID | None]
    role: Mapped[str | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("purpose in ('setup', 'invite', 'reset')", name="purpose"),)


class WsTicket(Base):
    """A 30 s ticket that opens one WebSocket."""

    __tablename__ = "ws_tickets"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    org_id: Mapped[UUID]
    login_id: Mapped[UUID | None]
    api_key_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]


class InstanceFact(Base):
    """A fact of this instance that exists once (`first_admin`, `shared_organization`); its key is the lock."""

    __tablename__ = "instance_facts"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    created_at: Mapped[CreatedAt]


class ApiKey(Base):
    """A person's key into one organization; the secret is never kept, its hash is in ApiKeyIndex."""

    __tablename__ = "api_keys"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("cardinality(scopes) > 0 and scopes <@ array['read', 'chat', 'admin']", name="scopes"),
    )


class ApiKeyIndex(Base):
    """Finds the organization of a presented key before any scope is known."""

    __tablename__ = "api_key_index"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    org_id: Mapped[UUID]
    key_id: Mapped[UUID]
