"""SQL over the job tables: what the operator sees, and clean-up."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.jobs.types import JobCount, JobRecord, JobStatus

_STORED: Final[Mapping[JobStatus, str]] = {"waiting": "queued", "running": "picked", "failed": "failed"}
_STATUSES: Final[Mapping[str, JobStatus]] = {
    "queued": "waiting",
    "picked": "running",
    "failed": "failed",
    "done": "done",
}

# A try that ended with its process left no other trace than having been picked.
_PICKS = """(select count(*) from job_log l
             where l.job_id = {job} and l.status = 'picked'
               and l.id > coalesce((select max(q.id) from job_log q where q.job_id = {job} and q.status = 'queued'), 0))
"""
_TRIES = text(f"select {_PICKS.format(job=':id')}")
_OPEN = f"""
    select j.id, j.entrypoint as name, j.status::text as stored, j.attempts + {_PICKS.format(job="j.id")} as tries,
           j.created as created_at, j.execute_after as due_at, j.updated as changed_at,
           (select l.traceback ->> 'exception_message' from job_log l
             where l.job_id = j.id and l.traceback is not null order by l.id desc limit 1) as error
      from jobs j
"""  # noqa: S608 - our own words only
_DONE = """
    select d.job_id as id, d.entrypoint as name, 'done' as stored,
           (select count(*) from job_log l where l.job_id = d.job_id and l.status = 'picked') as tries,
           coalesce((select min(l.created) from job_log l where l.job_id = d.job_id), d.created) as created_at,
           d.created as due_at, d.created as changed_at, null as error
      from job_log d
"""
_OPEN_PAGE = text(f"""
    {_OPEN} where j.id < :before and j.status = cast(:stored as job_status)
     order by j.id desc limit :limit
""")
_DONE_PAGE = text(f"{_DONE} where d.status = 'successful' and d.job_id < :before order by d.job_id desc limit :limit")
_FIND = text(f"{_OPEN} where j.id = :id")
_COUNTS = text("""
    select entrypoint as name, status::text as stored, count(*) as count,
           coalesce(extract(epoch from now() - min(execute_after) filter
                    (where status = 'queued' and execute_after <= now())), 0)::float as oldest
      from jobs where status in ('queued', 'picked', 'failed') group by entrypoint, status
""")
_DONE_SINCE = text(
    "select count(*) from job_log where status = 'successful' and created > now() - cast(:since as interval)"
)
_FORGET_FAILED = text("""
    delete from jobs where id in
        (select id from jobs
          where status = 'failed' and updated < now() - cast(:kept as interval) order by id limit :limit)
""")
_FORGET_LOG = text("""
    delete from job_log where id in
        (select l.id from job_log l
          where l.created < now() - cast(:kept as interval) and not exists (select from jobs j where j.id = l.job_id)
          order by l.id limit :limit)
""")


class JobRepository:
    """Jobs of the whole instance."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def picks(self, job_id: int) -> int:
        """How often the job was picked since it was last enqueued: once, unless its process died."""
        return int(await self._db.scalar(_TRIES, {"id": job_id}) or 0)

    async def find(self, job_id: int) -> JobRecord | None:
        """A job that is not done."""
        row = (await self._db.execute(_FIND, {"id": job_id})).mappings().first()
        return None if row is None else _record(row)

    async def list_page(self, status: JobStatus, *, before: int, limit: int) -> Sequence[JobRecord]:
        """Jobs in a state, newest first."""
        values: dict[str, object] = {"before": before, "limit": limit}
        if status == "done":
            rows = await self._db.execute(_DONE_PAGE, values)
        else:
            rows = await self._db.execute(_OPEN_PAGE, {**values, "stored": _STORED[status]})
        return [_record(row) for row in rows.mappings()]

    async def counts(self) -> Sequence[JobCount]:
        """Jobs that are not done, by name and state."""
        rows = (await self._db.execute(_COUNTS)).mappings()
        return [JobCount(row["name"], _STATUSES[row["stored"]], row["count"], row["oldest"]) for row in rows]

    async def done_within(self, since: timedelta) -> int:
        """How many jobs were done lately."""
        return int(await self._db.scalar(_DONE_SINCE, {"since": since}) or 0)

    async def forget(self, *, done: timedelta, failed: timedelta, limit: int) -> int:
        """Remove what is known of old jobs; gives how many rows."""
        removed = 0
        for statement, kept in ((_FORGET_FAILED, failed), (_FORGET_LOG, done)):
            result = await self._db.execute(statement, {"kept": kept, "limit": limit})
            removed += result.rowcount  # type: ignore[attr-defined]  # a DELETE gives a CursorResult
        return removed


def _record(row: RowMapping) -> JobRecord:
    facts = {name: row[name] for name in ("id", "name", "tries", "created_at", "due_at", "changed_at", "error")}
    return JobRecord(status=_STATUSES[row["stored"]], **facts)
