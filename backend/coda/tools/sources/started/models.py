"""What workers are asked to try, and how the servers are that they have started."""

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId, tenant_key


class SourceTrial(Base):
    """A source that is not stored, for a worker to ask; `answer` is what it said. Gone once that was read."""

    __tablename__ = "tool_source_trials"

    org_id: Mapped[OrgId] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[TenantId]
    kind: Mapped[str]
    config: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer: Mapped[dict[str, Any] | None]
    created_at: Mapped[CreatedAt]


class SourceProcess(Base):
    """The server of a source beside one worker, as that worker has last told. `lines`: its log, `{at, text}` each."""

    __tablename__ = "tool_source_processes"

    org_id: Mapped[OrgId]
    source_id: Mapped[UUID] = mapped_column(primary_key=True)
    worker_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'::jsonb"))
    seen_at: Mapped[CreatedAt]

    __table_args__ = (tenant_key("source_id", "tool_sources"),)
