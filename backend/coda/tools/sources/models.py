"""Sources of tools, what opens them, and the tools that they were found to have."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId, tenant_key


class ToolSource(Base):
    """A source of an organization, of one of its people (`owner_id`), or of the instance, and how it was last."""

    __tablename__ = "tool_sources"

    org_id: Mapped[OrgId] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[TenantId]
    owner_id: Mapped[UUID | None]
    kind: Mapped[str]
    slug: Mapped[str]
    name: Mapped[str]
    config: Mapped[dict[str, Any]]
    allow_private: Mapped[bool]
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    created_by: Mapped[UUID]
    created_at: Mapped[CreatedAt]
    checked_at: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]
    latency_ms: Mapped[int | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    protocol: Mapped[str | None]
    left_out: Mapped[list[dict[str, Any]]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    listings_begun: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    listing_kept: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "owner_id"], ["memberships.org_id", "memberships.user_id"], ondelete="CASCADE"
        ),
        UniqueConstraint(
            "org_id", "owner_id", "slug", name="uq_tool_sources_slug", postgresql_nulls_not_distinct=True
        ),
        Index("ix_tool_sources_checked_at", "checked_at"),
    )  # fmt: skip


class ToolSourceSecret(Base):
    """What opens a source, sealed for that source alone. Organizations read none of the instance's."""

    __tablename__ = "tool_source_secrets"

    org_id: Mapped[OrgId]
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    hint: Mapped[str | None]

    __table_args__ = (tenant_key("source_id", "tool_sources"),)


class SourceTool(Base):
    """A tool of a source: as it is listed now, and as somebody has approved it. Only where both are one it is used.

    Both are JSON as text: the order of a schema's keys is part of what a model is told.
    """

    __tablename__ = "tool_source_tools"

    org_id: Mapped[OrgId]
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    listed: Mapped[str]
    approved: Mapped[str | None]
    is_enabled: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    gone_at: Mapped[datetime | None]

    __table_args__ = (tenant_key("source_id", "tool_sources"),)
