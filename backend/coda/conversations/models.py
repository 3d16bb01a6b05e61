"""Chat sessions, messages as rows of a tree, feedback, drafts."""

from datetime import datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Numeric, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coda.conversations.types import SESSION_ORIGINS
from coda.core.db import Base, CreatedAt, OrgId, TenantId, tenant_key
from coda.usage.types import Confidence, UsageFigures


class ChatSession(Base):
    """One chat: a tree of messages and the leaf that is shown."""

    __tablename__ = "chat_sessions"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    owner_id: Mapped[UUID]
    title: Mapped[str | None]
    title_source: Mapped[str | None]
    active_leaf_id: Mapped[UUID | None]
    last_model: Mapped[str | None]
    run_status: Mapped[str | None]
    pinned_at: Mapped[datetime | None]
    origin: Mapped[str] = mapped_column(server_default=text("'app'"), default="app")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("title_source in ('generated', 'user')", name="title_source"),
        CheckConstraint("run_status in ('queued', 'running', 'waiting', 'done', 'failed')", name="run_status"),
        CheckConstraint(f"origin in {SESSION_ORIGINS}", name="origin"),
        Index(
            "ix_chat_sessions_app",
            "org_id",
            "owner_id",
            text("updated_at desc"),
            text("id desc"),
            postgresql_where=text("deleted_at is null and origin = 'app'"),
        ),
        Index(
            "ix_chat_sessions_owner",
            "org_id",
            "owner_id",
            text("updated_at desc"),
            text("id desc"),
            postgresql_where=text("deleted_at is null"),
        ),
    )


class Message(Base):
    """One node of a session's tree. Usage and timing are of the whole answer, all its runs together.

    `depth` counts the messages above it and `chars_above` what they hold for a model to read, so that a long path
    never has to be walked to tell how much of it was left out. Both are kept true when an answer above grows or goes.
    """

    __tablename__ = "messages"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    session_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    role: Mapped[str]
    depth: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    chars_above: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    content: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    status: Mapped[str]
    model: Mapped[str | None]
    run_id: Mapped[UUID | None]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    reasoning_tokens: Mapped[int | None]
    cached_input_tokens: Mapped[int | None]
    cost_usd: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    usage_confidence: Mapped[str | None]
    ttft_ms: Mapped[int | None]
    total_ms: Mapped[int | None]
    trace_id: Mapped[str | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        tenant_key("session_id", "chat_sessions"),
        tenant_key("parent_id", "messages"),
        CheckConstraint("role in ('user', 'assistant')", name="role"),
        CheckConstraint("status in ('queued', 'streaming', 'waiting', 'complete', 'stopped', 'failed')", name="status"),
        Index("ix_messages_tree", "org_id", "session_id", "parent_id", "id"),
        Index("ix_messages_parent", "org_id", "parent_id"),
    )

    @property
    def usage(self) -> UsageFigures | None:
        """What the answer used; None before its first model call was counted."""
        if self.usage_confidence is None:
            return None
        return UsageFigures(
            self.input_tokens or 0,
            self.output_tokens or 0,
            self.reasoning_tokens or 0,
            self.cached_input_tokens or 0,
            self.cost_usd,
            cast("Confidence", self.usage_confidence),
        )


class MessageFile(Base):
    """A message shows a file. As long as one does, the file is kept."""

    __tablename__ = "message_files"

    org_id: Mapped[OrgId]
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    file_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        tenant_key("message_id", "messages"),
        tenant_key("file_id", "files"),
        Index("ix_message_files_file", "org_id", "file_id"),
    )


class MessageFeedback(Base):
    """A person's thumb on an answer."""

    __tablename__ = "message_feedback"

    org_id: Mapped[OrgId]
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    rating: Mapped[str]
    reason: Mapped[str | None]
    text: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        tenant_key("message_id", "messages"),
        CheckConstraint("rating in ('up', 'down')", name="rating"),
    )


class Draft(Base):
    """What a person has typed into a session and not sent."""

    __tablename__ = "drafts"

    org_id: Mapped[OrgId]
    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    text: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(
            ["org_id", "session_id"], ["chat_sessions.org_id", "chat_sessions.id"], ondelete="CASCADE"
        ),
    )
