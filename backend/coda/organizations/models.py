"""Organizations (global index), and their memberships and settings (tenant tables)."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt
from coda.core.ids import new_id
from coda.core.scope import INSTANCE_ORG


class Organization(Base):
    """A tenant: the shared one that the first start makes, a person's own, or the instance's, which has no members."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    kind: Mapped[str]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        CheckConstraint("kind in ('shared', 'personal', 'instance')", name="kind"),
        CheckConstraint(f"(kind = 'instance') = (id = '{INSTANCE_ORG}')", name="instance"),
    )


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
        CheckConstraint(f"org_id <> '{INSTANCE_ORG}'", name="instance"),
        Index("ix_memberships_user_id", "user_id"),
    )


class OrganizationSettings(Base):
    """What an organization's administrators decide."""

    __tablename__ = "organization_settings"

    org_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    default_model: Mapped[str | None]
