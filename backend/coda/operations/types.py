"""What the operator sees of the instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Verdict = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part of the configuration."""

    part: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class JobFigures:
    """Background jobs by state."""

    waiting: int
    running: int
    failed: int
    done_24h: int


@dataclass(frozen=True, slots=True)
class RunFigures:
    """Runs by status. `interrupted`: answers that wait for a person."""

    queued: int
    running: int
    interrupted: int
    finished_24h: int
    failed_24h: int
    cancelled_24h: int


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A process that drives runs, how many it drives, and how long ago it last said that it lives."""

    id: UUID
    host: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime
    silent_seconds: float
    runs: int


@dataclass(frozen=True, slots=True)
class QueueAge:
    """How long the run that has waited longest has waited."""

    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class Overview:
    """The instance at a glance."""

    jobs: JobFigures
    runs: RunFigures
    workers: Sequence[WorkerState]
    queue: QueueAge
