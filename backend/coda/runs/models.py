"""Runs and what they leave behind; `run_queue` and `workers` are global and hold ids only."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coda.core.db import Base, CreatedAt, OrgId, TenantId, tenant_key
from coda.runs.types import RUN_STATUSES, RunKey


class Run(Base):
    """One production of an answer. A resumed answer has several runs under one root."""

    __tablename__ = "runs"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    session_id: Mapped[UUID]
    message_id: Mapped[UUID]
    user_id: Mapped[UUID]
    api_key_id: Mapped[UUID | None]
    parent_run_id: Mapped[UUID | None]
    root_run_id: Mapped[UUID]
    status: Mapped[str]
    model: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    error: Mapped[dict[str, Any] | None]
    interrupts: Mapped[list[dict[str, Any]] | None]
    decisions: Mapped[list[dict[str, Any]] | None]
    takes_steers: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    continues: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    last_seq: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    trace_id: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        tenant_key("session_id", "chat_sessions"),
        tenant_key("message_id", "messages"),
        CheckConstraint(f"status in {RUN_STATUSES}", name="status"),
        UniqueConstraint("org_id", "parent_run_id"),
        Index("ix_runs_message_id", "org_id", "message_id"),
        Index("ix_runs_root_run_id", "org_id", "root_run_id"),
        Index("ix_runs_running", "started_at", postgresql_where=text("status = 'running'")),
        Index("ix_runs_finished_at", "finished_at", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
        Index("ix_runs_user", "org_id", "user_id", text("created_at desc"), text("id desc")),
    )

    @property
    def key(self) -> RunKey:
        """Which run it is."""
        return RunKey(self.org_id, self.id)


class RunEvent(Base):
    """One stored frame of a run's stream, as its watchers got it."""

    __tablename__ = "run_events"

    org_id: Mapped[OrgId]
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    fence: Mapped[int] = mapped_column(BigInteger)
    frame: Mapped[str]
    created_at: Mapped[CreatedAt]


class RunPrompt(Base):
    """What an answer was begun with, one row per root run: the plan of its prompt, and its tools. No content."""

    __tablename__ = "run_prompts"

    org_id: Mapped[OrgId]
    root_run_id: Mapped[UUID] = mapped_column(primary_key=True)
    plan: Mapped[dict[str, Any]]
    tools: Mapped[list[dict[str, Any]] | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (tenant_key("root_run_id", "runs"),)


NO_TURN = 0
"""The turn of a steer that none has read, because its run ended first."""


class RunSteer(Base):
    """A sentence that a person sent into a working run; taken by the first step that reads it."""

    __tablename__ = "run_steers"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    run_id: Mapped[UUID]
    root_run_id: Mapped[UUID]
    content: Mapped[str]
    taken_by: Mapped[UUID | None]
    taken_turn: Mapped[int | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        tenant_key("run_id", "runs"),
        Index("ix_run_steers_root_run_id", "org_id", "root_run_id"),
    )

    @property
    def is_read(self) -> bool:
        """Whether a turn has read it, or reads it next."""
        return self.taken_turn not in (None, NO_TURN)


class RunStep(Base):
    """A node, model call, tool call or wait of a run: one bar of the timeline."""

    __tablename__ = "run_steps"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    run_id: Mapped[UUID]
    root_run_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    kind: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    duration_ms: Mapped[int | None]
    usage: Mapped[dict[str, Any] | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        tenant_key("run_id", "runs"),
        CheckConstraint("kind in ('node', 'model', 'tool', 'wait')", name="kind"),
        CheckConstraint("status in ('running', 'done', 'failed', 'cancelled', 'discarded')", name="status"),
        Index("ix_run_steps_root_run_id", "org_id", "root_run_id", "position"),
        Index("ix_run_steps_run_id", "org_id", "run_id"),
    )


class StepPayload(Base):
    """What the provider of a model call wants back with its turn, in fields of the provider's wire."""

    __tablename__ = "step_payloads"

    org_id: Mapped[OrgId]
    step_id: Mapped[UUID] = mapped_column(primary_key=True)
    root_run_id: Mapped[UUID]
    provider: Mapped[str]
    model: Mapped[str]
    message: Mapped[dict[str, Any]] = mapped_column(default=dict)
    calls: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (
        tenant_key("step_id", "run_steps"),
        Index("ix_step_payloads_root_run_id", "org_id", "root_run_id"),
    )


class ToolCall(Base):
    """One call of a tool: stored before it starts and after it ends, so that it is never repeated."""

    __tablename__ = "tool_calls"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    run_id: Mapped[UUID]
    root_run_id: Mapped[UUID]
    message_id: Mapped[UUID]
    turn: Mapped[int]
    call_id: Mapped[str]
    name: Mapped[str]
    arguments: Mapped[str]
    status: Mapped[str]
    result: Mapped[str | None]
    error: Mapped[dict[str, Any] | None]
    evaluation: Mapped[dict[str, Any] | None]
    started_at: Mapped[datetime | None]
    duration_ms: Mapped[int | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        tenant_key("run_id", "runs"),
        UniqueConstraint("org_id", "root_run_id", "turn", "call_id"),
        CheckConstraint("status in ('pending', 'waiting', 'running', 'done', 'failed')", name="status"),
    )


class RunCheckpoint(Base):
    """The graph's latest state, one row per root run."""

    __tablename__ = "run_checkpoints"

    org_id: Mapped[OrgId]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    checkpoint_id: Mapped[str]
    kind: Mapped[str]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    meta: Mapped[dict[str, Any]] = mapped_column(default=dict)
    writes: Mapped[bytes | None] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class QueuedRun(Base):
    """A run that waits, or that a worker executes. Ids only, no content."""

    __tablename__ = "run_queue"

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    state: Mapped[str]
    available_at: Mapped[datetime] = mapped_column(server_default=func.now())
    enqueued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    worker_id: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(BigInteger, server_default=text("0"), default=0)
    attempt: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    command: Mapped[str | None]
    resumes: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    after_message_id: Mapped[UUID | None]

    __table_args__ = (
        CheckConstraint("state in ('queued', 'running', 'blocked', 'held')", name="state"),
        Index("ix_run_queue_claim", "state", "available_at"),
        Index(
            "ix_run_queue_after",
            "org_id",
            "after_message_id",
            postgresql_where=text("after_message_id is not null"),
        ),
        Index("ix_run_queue_worker", "worker_id"),
    )


class RemovedRun(Base):
    """A run that was removed before any worker had begun it: its ids are never used again."""

    __tablename__ = "removed_runs"

    org_id: Mapped[OrgId]
    id: Mapped[TenantId]
    user_id: Mapped[UUID]
    question_id: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]

    __table_args__ = (Index("ix_removed_runs_question_id", "org_id", "question_id"),)


class Worker(Base):
    """A process that executes runs; its heartbeat tells that it is alive."""

    __tablename__ = "workers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    concurrency: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    started_at: Mapped[CreatedAt]
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
