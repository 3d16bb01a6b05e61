"""All organizations' rows, as the system role sees them: named columns of named tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from coda.runs.queue.run_queue import LostRun

_REMOVE_EVENTS = text("""
    with old as (
        select e.org_id, e.run_id from run_events e join runs r on r.org_id = e.org_id and r.id = e.run_id
         where r.finished_at < now() - cast(:kept as interval)
         group by e.org_id, e.run_id limit :runs
    ), gone as (
        delete from run_events e using old where e.org_id = old.org_id and e.run_id = old.run_id
    )
    select count(*) from old
""")
_RELEASE_RESERVATIONS = text("""
    update reservations set state = 'released', closed_at = now()
     where state = 'held'
       and (org_id, id) in (select org_id, id from reservations
                             where state = 'held' and expires_at < now() limit :limit)
""")
_REMOVE_EXPIRED = text("select remove_expired_passes(:limit)")
_REMOVE_SESSIONS = text("""
    delete from chat_sessions where (org_id, id) in
        (select org_id, id from chat_sessions where deleted_at < now() - cast(:kept as interval) limit :limit)
""")
_REMOVE_RESPONSES = text("""
    delete from api_responses where (org_id, id) in
        (select org_id, id from api_responses where created_at < now() - cast(:kept as interval) limit :limit)
""")
# A message that comes to show one in this moment holds it, and this waits and then leaves it.
_REMOVE_FILES = text("""
    delete from files f using (
        select org_id, id from files f
         where f.created_at < now() - cast(:kept as interval)
           and not exists (select from message_files m where m.org_id = f.org_id and m.file_id = f.id)
         limit :limit
    ) as found
     where f.org_id = found.org_id and f.id = found.id
       and not exists (select from message_files m where m.org_id = f.org_id and m.file_id = f.id)
""")
_REMOVE_REQUESTS = text("""
    delete from api_requests where (org_id, id) in
        (select org_id, id from api_requests where created_at < now() - cast(:kept as interval) limit :limit)
""")
_REMOVE_CACHED = text("""
    delete from cache_entries where (org_id, namespace, key) in
        (select org_id, namespace, key from cache_entries where expires_at < now() limit :limit)
""")
# Of an organization that keeps too much, the oldest.
_SHRINK_CACHED = text("""
    delete from cache_entries where (org_id, namespace, key) in (
        select org_id, namespace, key from (
            select org_id, namespace, key,
                   sum(size) over (partition by org_id order by created_at desc, namespace, key) as until_here
              from cache_entries
             where org_id in (select org_id from cache_entries group by org_id having sum(size) > :most_bytes)
        ) as kept
         where until_here > :most_bytes limit :limit)
""")
# What answers refer to by hash: which table keeps it, and what refers to a row `t` of it.
_REFERRING = {
    "prompt_texts": """
        select from run_prompts p, jsonb_array_elements(p.plan -> 'segments') segment
         where p.org_id = t.org_id and decode(segment ->> 'sha256', 'hex') = t.sha256
    """,
    "tool_specs": """
        select from run_prompts p, jsonb_array_elements(p.tools) tool
         where p.org_id = t.org_id and decode(tool ->> 'spec', 'hex') = t.sha256
    """,
}
_LOCK_UNUSED = {
    table: text(f"""
        select t.org_id, t.sha256 from {table} t
         where t.created_at < now() - cast(:kept as interval) and not exists ({referring})
         limit :limit for update of t skip locked
    """)  # noqa: S608 - our own table names, and the conditions above
    for table, referring in _REFERRING.items()
}
_REMOVE_UNUSED = {
    table: text(f"""
        delete from {table} t using unnest(cast(:orgs as uuid[]), cast(:hashes as bytea[])) as found(org_id, sha256)
         where t.org_id = found.org_id and t.sha256 = found.sha256 and not exists ({referring})
    """)  # noqa: S608 - see above
    for table, referring in _REFERRING.items()
}
_LOST_RUNS = text("""
    select r.id as run_id, r.org_id, r.user_id,
           coalesce((select max(e.fence) from run_events e where e.org_id = r.org_id and e.run_id = r.id), 1) as fence
      from runs r left join run_queue q on q.org_id = r.org_id and q.run_id = r.id
     where r.status = 'running' and q.run_id is null and r.started_at < now() - cast(:older as interval)
     order by r.started_at limit :limit
""")
# A run that was interrupted counts while nobody has gone on with it.
_FIGURES = text("""
    select count(*) filter (where r.status = 'finished' and r.finished_at > d.day) as finished,
           count(*) filter (where r.status = 'failed' and r.finished_at > d.day) as failed,
           count(*) filter (where r.status = 'cancelled' and r.finished_at > d.day) as cancelled,
           count(*) filter (where r.status = 'interrupted' and not exists
                            (select from runs n where n.org_id = r.org_id and n.parent_run_id = r.id)) as interrupted
      from (select now() - cast(:since as interval) as day) d, runs r
     where r.finished_at > now() - cast(:waiting as interval)
""")


@dataclass(frozen=True, slots=True)
class RunEnds:
    """How runs ended lately, and how many answers wait for a person."""

    finished: int
    failed: int
    cancelled: int
    interrupted: int


class SystemRepository:
    """Clean-up and counts over all organizations."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def remove_run_events(self, *, kept: timedelta, runs: int) -> int:
        """Remove the single events of up to `runs` runs that ended long enough ago; gives of how many."""
        return int(await self._connection.scalar(_REMOVE_EVENTS, {"kept": kept, "runs": runs}) or 0)

    async def release_reservations(self, *, limit: int) -> int:
        """Release reservations that nobody settled in time."""
        return await self._change(_RELEASE_RESERVATIONS, limit=limit)

    async def remove_expired(self, *, limit: int) -> int:
        """Remove up to `limit` of each kind of ticket and token that is of no use; gives the most of a kind."""
        return int(await self._connection.scalar(_REMOVE_EXPIRED, {"limit": limit}) or 0)

    async def remove_deleted_sessions(self, *, kept: timedelta, limit: int) -> int:
        """Remove chat sessions that were deleted and not restored in time."""
        return await self._change(_REMOVE_SESSIONS, kept=kept, limit=limit)

    async def remove_responses(self, *, kept: timedelta, limit: int) -> int:
        """Remove stored responses of the OpenAI-compatible API that are old enough."""
        return await self._change(_REMOVE_RESPONSES, kept=kept, limit=limit)

    async def remove_unshown_files(self, *, kept: timedelta, limit: int) -> int:
        """Remove files that no message shows and that are old enough."""
        return await self._change(_REMOVE_FILES, kept=kept, limit=limit)

    async def remove_requests(self, *, kept: timedelta, limit: int) -> int:
        """Forget what clients of the agent asked so long ago that they ask for no repetition of it."""
        return await self._change(_REMOVE_REQUESTS, kept=kept, limit=limit)

    async def remove_cached(self, *, limit: int) -> int:
        """Remove kept results whose time is over."""
        return await self._change(_REMOVE_CACHED, limit=limit)

    async def shrink_cached(self, *, most_bytes: int, limit: int) -> int:
        """Remove the oldest kept results of organizations that have more than `most_bytes` of them."""
        return await self._change(_SHRINK_CACHED, most_bytes=most_bytes, limit=limit)

    async def remove_prompt_texts(self, *, kept: timedelta, limit: int) -> int:
        """Remove texts that no prompt's plan refers to and that are old enough; gives how many were found."""
        return await self._remove_unused("prompt_texts", kept=kept, limit=limit)

    async def remove_tool_specs(self, *, kept: timedelta, limit: int) -> int:
        """Remove specs of tools that no answer was begun with and that are old enough; gives how many were found."""
        return await self._remove_unused("tool_specs", kept=kept, limit=limit)

    async def list_lost_runs(self, *, older: timedelta, limit: int) -> Sequence[LostRun]:
        """Runs that are said to work, for longer than `older`, and have no place in the queue."""
        rows = await self._connection.execute(_LOST_RUNS, {"older": older, "limit": limit})
        return [LostRun(**row) for row in rows.mappings()]

    async def run_figures(self, *, since: timedelta, waiting: timedelta) -> RunEnds:
        """How runs ended within `since`, and answers that have waited for a person for no longer than `waiting`."""
        rows = await self._connection.execute(_FIGURES, {"since": since, "waiting": waiting})
        return RunEnds(**rows.mappings().one())

    async def _remove_unused(self, table: str, *, kept: timedelta, limit: int) -> int:
        """They are locked first and judged again by a second statement, which sees what was stored meanwhile."""
        found = (await self._connection.execute(_LOCK_UNUSED[table], {"kept": kept, "limit": limit})).all()
        if found:
            values = {"orgs": [row.org_id for row in found], "hashes": [row.sha256 for row in found]}
            await self._connection.execute(_REMOVE_UNUSED[table], values)
        return len(found)

    async def _change(self, statement: TextClause, **values: object) -> int:
        return (await self._connection.execute(statement, values)).rowcount
