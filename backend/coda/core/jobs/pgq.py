"""PgQueuer under our names and on our connections. Importing it takes 50 ms, so only functions import this module."""

import asyncio
from collections.abc import Callable
from typing import Self
from uuid import UUID

import orjson
import structlog
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.tm import TaskManager
from pgqueuer.domain.models import Job as QueuedJob
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.domain.types import Channel, JobId
from pgqueuer.ports.driver import Driver
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.db.outages import through_outage
from coda.core.jobs.queue import CHANNEL
from coda.core.jobs.types import Job
from coda.core.scope import Person, Scope, System

__all__ = ["NAMES", "JobId", "Queries", "RunnerDriver", "job_of", "queries_on", "queries_over"]

log = structlog.get_logger(__name__)

Hear = Callable[[str | bytes | bytearray], None]

# Each name is given: PgQueuer would take one that is missing from variables like FUNCTION or CHANNEL.
NAMES = DBSettings(
    prefix="",
    db_schema=None,
    channel=Channel(CHANNEL),
    queue_table="jobs",
    queue_table_log="job_log",
    statistics_table="job_statistics",
    schedules_table="job_schedules",
    queue_status_type="job_status",
    function="notify_job_change",
    trigger="notify_job_change",
    durability=Durability.durable,
    widen_id=False,
)
_ENVIRONMENT = QueryBuilderEnvironment(NAMES)
_QUEUE = QueryQueueBuilder(NAMES)
_SCHEDULER = QuerySchedulerBuilder(NAMES)
_RETRY_SECONDS = (0.1, 0.5, 1, 2, 4)


class _BaseDriver(Driver):
    """The parts of PgQueuer's driver port that our drivers share."""

    def __init__(self) -> None:
        self._shutdown, self._tasks = asyncio.Event(), TaskManager()

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return self._tasks

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


class SessionDriver(_BaseDriver):
    """PgQueuer's statements inside a transaction of ours."""

    def __init__(self, db: AsyncSession) -> None:
        super().__init__()
        self._db = db

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Run a query in the transaction."""
        connection = await self._db.connection()
        result = await connection.exec_driver_sql(query, args or None)
        return [dict(row) for row in result.mappings()] if result.returns_rows else []

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement in the transaction."""
        await self.fetch(query, *args)
        return ""

    async def notify(self, channel: str, payload: str) -> None:
        """Announce at commit."""
        await self.execute("select pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: Hear) -> None:
        """A transaction hears nothing."""
        raise NotImplementedError


class RunnerDriver(_BaseDriver):
    """PgQueuer's statements each in a transaction of its own; it hears by the process's one listening connection."""

    def __init__(self, database: Database, hearers: set[Hear]) -> None:
        super().__init__()
        self._database, self._hearers, self._own = database, hearers, set[Hear]()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        """Run a query."""
        async with self._database.autocommit() as db:
            return await SessionDriver(db).fetch(query, *args)

    async def execute(self, query: str, *args: object) -> str:
        """Run a statement, through a short outage: PgQueuer counts a job whose retry it cannot store as failed."""
        await through_outage(lambda: self.fetch(query, *args), pauses=_RETRY_SECONDS, note=_note_retry)
        return ""

    async def notify(self, channel: str, payload: str) -> None:
        """Announce now."""
        await self.execute("select pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: Hear) -> None:
        """Be told of announcements on our channel, until `stop_listening`."""
        if channel != CHANNEL:
            raise ValueError(f"nobody listens on {channel}")
        self._hearers.add(callback)
        self._own.add(callback)

    def stop_listening(self) -> None:
        """Be told of nothing more."""
        self._hearers -= self._own


def _note_retry(error: Exception) -> None:
    log.warning("jobs.statement_retried", error=type(error).__name__)


def queries_on(db: AsyncSession) -> Queries:
    """PgQueuer's statements in this transaction."""
    return queries_over(SessionDriver(db))


def queries_over(driver: Driver) -> Queries:
    """PgQueuer's statements by a driver."""
    return Queries(driver, _ENVIRONMENT, _QUEUE, _SCHEDULER)


def job_of(queued: QueuedJob, *, tries: int) -> Job:
    """A job as its handler gets it."""
    payload = orjson.loads(queued.payload or b"{}")
    org_id, user_id = payload.get("org_id"), payload.get("user_id")
    return Job(
        id=int(queued.id),
        name=str(queued.entrypoint),
        scope=None if org_id is None else Scope(UUID(org_id), Person(UUID(user_id)) if user_id else System()),
        ids={name: UUID(value) for name, value in payload.get("ids", {}).items()},
        tries=tries,
        trace={name: str(value) for name, value in (queued.headers or {}).items()},
    )
