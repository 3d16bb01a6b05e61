"""What clients have asked of the agent lately, as hashes, and the run that answers it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, OrgId, TenantId


class ApiRequest(Base):
    """One request of one person. `attempt` counts how often it came.

    `unanswered_at`: when the client of the newest attempt left, or was told that it failed.
    """

    __tablename__ = "api_requests"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    user_id: Mapped[UUID]
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    session_id: Mapped[UUID]
    run_id: Mapped[UUID]
    attempt: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    unanswered_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "user_id"], ["memberships.org_id", "memberships.user_id"], ondelete="CASCADE"),
        Index(
            "uq_api_requests_key",
            "org_id",
            "user_id",
            "key_hash",
            unique=True,
            postgresql_where=text("key_hash is not null"),
        ),
        Index("ix_api_requests_body", "org_id", "user_id", "body_hash"),
        Index("ix_api_requests_created_at", "created_at"),
    )
