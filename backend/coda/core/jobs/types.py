"""A job as its handler gets it, and as the operator sees it."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from coda.core.scope import Scope

JobStatus = Literal["waiting", "running", "failed", "done"]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work. `scope` is whose data it may touch, None for the instance's own jobs."""

    id: int
    name: str
    scope: Scope | None
    ids: Mapping[str, UUID]
    tries: int
    trace: Mapping[str, str] = field(default_factory=dict)

    @property
    def tenant(self) -> Scope:
        """The scope of a job that is an organization's."""
        if self.scope is None:
            raise ValueError(f"{self.name} was enqueued without a scope")
        return self.scope


Handler = Callable[[Job], Awaitable[None]]
"""Does a job. It may run more than once, so doing it twice must be doing it once."""

Around = Callable[[Job], AbstractContextManager[None]]
"""What a process puts around every job: its span, its metrics."""


@dataclass(frozen=True, slots=True)
class JobRecord:
    """A job as it stands. `error` is what its last failed try said: a code or a type, never content."""

    id: int
    name: str
    status: JobStatus
    tries: int
    created_at: datetime
    due_at: datetime
    changed_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class JobCount:
    """How many jobs of a name are in a state, and how long the oldest that is due has waited."""

    name: str
    status: JobStatus
    count: int
    oldest_seconds: float
