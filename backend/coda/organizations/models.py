"""Organizations (global index), memberships and API keys (tenant tables), and the global key index."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId
from coda.core.ids import new_id


class Organization(Base):
    """A tenant: the shared one that the first start makes, or a person's own."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    kind: Mapped[str]
    created_at: Mapped[CreatedAt]

    __table_args__ = (CheckConstraint("kind in ('shared', 'personal')", name="kind"),)


class Membership(Base):
    """Who belongs to an organization, with which role."""

    __tablename__ = "memberships"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active", default="active")
    joined_at: Mapped[CreatedAt]

    __table_args__ = (
        CheckConstraint("role in ('admin', 'member', 'viewer')", name="role"),
        CheckConstraint("status in ('active', 'suspended')", name="status"),
        Index("ix_memberships_user_id", "user_id"),
    )


class OrganizationSettings(Base):
    """What an organization's administrators decide."""

    __tablename__ = "organization_settings"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    default_model: Mapped[str | None]


class ApiKey(Base):
    """A person's key into one organization; the secret is never kept, its hash is in ApiKeyIndex."""

    __tablename__ = "api_keys"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiKeyIndex(Base):
    """Finds the organization of a presented key before any scope is known."""

    __tablename__ = "api_key_index"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    org_id: Mapped[UUID]
    key_id: Mapped[UUID]
