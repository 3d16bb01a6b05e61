"""The answers of health, readiness and the operator's page."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from coda.core.jobs.types import JobStatus


class Liveness(BaseModel):
    """The process lives."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    status: Literal["ok"] = "ok"


class PartReadiness(BaseModel):
    """One part of the process."""

    ok: bool
    detail: str | None


class Readiness(BaseModel):
    """Every part of the process, and its version. `degraded` is ready too: something around the process is missing."""

    status: Literal["ready", "degraded", "not_ready", "draining"]
    version: str
    checks: dict[str, PartReadiness]


class Answer(BaseModel):
    """An answer is read off our own objects."""

    model_config = ConfigDict(from_attributes=True)


class Job(Answer):
    """A background job."""

    id: int
    name: str
    status: JobStatus
    tries: int = Field(description="Tries begun, the present one included.")
    created_at: datetime
    due_at: datetime = Field(description="Not tried before.")
    changed_at: datetime
    error: str | None = Field(description="What its last failed try said: a code or a type, never content.")


class JobPage(Answer):
    """Jobs, newest first."""

    items: list[Job]
    next_cursor: str | None


class JobFigures(Answer):
    """Background jobs by state."""

    waiting: int
    running: int
    failed: int
    done_24h: int


class RunFigures(Answer):
    """Runs by status."""

    queued: int
    running: int
    interrupted: int = Field(description="Answers that wait for a person, for 30 days at most.")
    finished_24h: int
    failed_24h: int
    cancelled_24h: int


class Worker(Answer):
    """A process that drives runs."""

    id: UUID
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    silent_seconds: float = Field(description="Since it last said that it lives, by the database's clock.")
    runs: int = Field(description="Runs that it drives now.")


class QueueAge(Answer):
    """The queue of runs."""

    oldest_seconds: float = Field(description="How long the run that has waited longest has waited; 0: none waits.")


class Overview(Answer):
    """The instance at a glance."""

    jobs: JobFigures
    runs: RunFigures
    workers: list[Worker]
    queue: QueueAge
