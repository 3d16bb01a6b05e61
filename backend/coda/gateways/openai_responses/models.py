"""Responses that were stored, to be read and continued by their id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, OrgId, TenantId, tenant_key


class StoredResponse(Base):
    """One response: what was asked anew in it, and its object. An agent's also names the answer in its chat.

    `following`: the run that writes it, while it is made in the background.
    """

    __tablename__ = "api_responses"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    user_id: Mapped[UUID]
    previous_id: Mapped[UUID | None]
    session_id: Mapped[UUID | None]
    message_id: Mapped[UUID | None]
    input: Mapped[list[dict[str, Any]]]
    body: Mapped[dict[str, Any]]
    following: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["org_id", "user_id"], ["memberships.org_id", "memberships.user_id"], ondelete="CASCADE"),
        tenant_key("session_id", "chat_sessions"),
        Index("ix_api_responses_user_id", "org_id", "user_id"),
        Index("ix_api_responses_session_id", "org_id", "session_id"),
        Index("ix_api_responses_created_at", "created_at"),
    )

    @property
    def output(self) -> list[dict[str, Any]]:
        """What it put out."""
        items: list[dict[str, Any]] = self.body["output"]
        return items
