"""Enqueueing: in the transaction of the cause, so that a job is there exactly when its cause is."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import orjson
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope, ShareLink

CHANNEL = "coda_jobs"

_ANNOUNCE = text(f"""
    select pg_notify('{CHANNEL}', json_build_object('channel', '{CHANNEL}', 'operation', 'update', 'sent_at', now(),
                                                    'table', 'jobs', 'type', 'table_changed_event')::text)
""")


class JobQueue:
    """The queue as one transaction sees it."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def enqueue(
        self,
        name: str,
        *,
        scope: Scope | None = None,
        ids: Mapping[str, UUID] | None = None,
        once: str | None = None,
        run_after: timedelta | None = None,
    ) -> None:
        """Enqueue a job. `once`: not while a job of the same name and key is waiting or being done.

        It works for the person of its scope, else as Coda itself: so a share link enqueues none.
        """
        from coda.core.jobs.pgq import queries_on

        if scope is not None and isinstance(scope.actor, ShareLink):
            raise ValueError("a share link enqueues no jobs")
        payload = {
            "org_id": scope.org_id if scope else None,
            "user_id": scope.user_id if scope else None,
            "ids": ids or {},
        }
        trace: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(trace)
        await queries_on(self._db).enqueue(
            name,
            orjson.dumps(payload, default=str),  # a driver's UUID is not quite a UUID
            execute_after=run_after,
            dedupe_key=None if once is None else f"{name}:{once}",
            headers=trace,
            on_conflict="skip",
        )

    async def retry(self, job_id: int) -> None:
        """Let a failed job be tried again, with all its tries; any other job stays as it is."""
        from coda.core.jobs.pgq import JobId, queries_on

        await queries_on(self._db).requeue_jobs([JobId(job_id)])
        await self._db.execute(_ANNOUNCE)
