"""What people have decided about tools, and the specs that answers were begun with."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId, tenant_key


class StoredToolPolicy(Base):
    """What one level says about one tool. A null says nothing; a row without a word is deleted."""

    __tablename__ = "tool_policies"

    org_id: Mapped[OrgId] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[TenantId]
    level: Mapped[str]
    user_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    source: Mapped[str]
    name: Mapped[str]
    enabled: Mapped[bool | None]
    approval: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "user_id"], ["memberships.org_id", "memberships.user_id"], ondelete="CASCADE"
        ),
        tenant_key("session_id", "chat_sessions"),
        CheckConstraint("approval in ('never', 'ask', 'always')", name="approval"),
        CheckConstraint(
            "level = 'organization' and user_id is null and session_id is null"
            " or level = 'person' and user_id is not null and session_id is null"
            " or level = 'session' and user_id is null and session_id is not null",
            name="subject",
        ),
        UniqueConstraint(
            "org_id", "session_id", "user_id", "source", "name",
            name="uq_tool_policies_subject", postgresql_nulls_not_distinct=True,
        ),
        Index("ix_tool_policies_user_id", "org_id", "user_id"),
    )  # fmt: skip


class StoredToolSpec(Base):
    """What models were told of a tool, by its hash. The selections of runs refer to it."""

    __tablename__ = "tool_specs"

    org_id: Mapped[OrgId]
    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    spec: Mapped[str]
    created_at: Mapped[CreatedAt]
