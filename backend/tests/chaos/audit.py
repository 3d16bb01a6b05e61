"""The proof: what clients were told, what they saw, what the database holds and what the world felt, side by side."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from uuid import UUID

import asyncpg

from tests.chaos.client import Client, Watched
from tests.chaos.cluster import Cluster, until

_QUESTIONS = "select count(*) from messages where role = 'user' and id = $1"
_UNKNOWN_QUESTIONS = """
    select count(*) from messages where role = 'user' and session_id = any($1) and not id = any($2)
"""
_ANSWERS = "select count(*) from messages where role = 'assistant' and parent_id = $1"
_IN_QUEUE = "select count(*) from run_queue"
_UNFINISHED = """
    select 'run ' || id from runs where status in ('queued', 'running')
     union all
    select 'message ' || id from messages where status in ('queued', 'streaming')
     union all
    select 'step ' || name || ' of ' || run_id from run_steps where status = 'running'
     union all
    select 'tool call ' || status || ' of ' || run_id from tool_calls where status in ('pending', 'running')
"""
_GAPS = """
    select run_id from run_events group by run_id
    having min(seq) <> 1 or max(seq) <> count(*)
     union
    select id from runs r where last_seq <> (select coalesce(max(seq), 0) from run_events e where e.run_id = r.id)
"""
_DRIVER = "select w.pid from run_queue q join workers w on w.id = q.worker_id where q.run_id = $1"
_WORKERS = "select count(distinct fence) from run_events where run_id = $1"
_HELD = "select count(*) from reservations where state = 'held'"
_UNBOOKED = """
    select s.id from run_steps s
     where s.kind = 'model' and s.status = 'done' and s.usage is not null
       and not exists (select from ledger_entries l where l.source_id = s.id)
"""
# What watchers saw of a model call before it was cut was made by a provider: it is paid for.
_CUT_UNBOOKED = """
    select r.id from runs r
     where (select count(*) from run_events e where e.run_id = r.id and e.frame like '%"name":"coda.discard"%')
         > (select count(*) from run_steps s join ledger_entries l on l.source_id = s.id
             where s.run_id = r.id and s.kind = 'model' and s.status = 'discarded')
"""
_BOOKED_FOR_NOTHING = """
    select l.id from ledger_entries l where not exists (select from run_steps s where s.id = l.source_id)
"""
_SUMS_DIFFER = """
    select m.id from messages m
      join (select message_id, sum(input_tokens) as input, sum(output_tokens) as output
              from ledger_entries group by message_id) l on l.message_id = m.id
     where m.input_tokens is distinct from l.input or m.output_tokens is distinct from l.output
"""


@dataclass
class Findings:
    """What is wrong; all empty is the proof."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    tools_twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    ledger: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not any(getattr(self, each.name) for each in fields(self))

    def problems(self) -> list[str]:
        """All of it, in words."""
        return [f"{each.name}: {what}" for each in fields(self) for what in getattr(self, each.name)]

    def counts(self) -> str:
        """One line."""
        ledger = "ok" if not self.ledger else f"WRONG {len(self.ledger)}"
        return (
            f"lost {len(self.lost)}, doubled {len(self.doubled)}, tools twice {len(self.tools_twice)}, "
            f"stuck {len(self.stuck)}, ledger {ledger}, differing {len(self.differing)}"
        )


@asynccontextmanager
async def everything(cluster: Cluster) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees all rows."""
    connection = await asyncpg.connect(cluster.postgres.superuser_url)
    try:
        yield connection
    finally:
        await connection.close()


async def is_quiet(cluster: Cluster) -> bool:
    """Whether no run waits or works any more."""
    async with everything(cluster) as database:
        return bool(await database.fetchval(_IN_QUEUE) == 0)


async def driver_of(cluster: Cluster, watched: Watched) -> int:
    """The process id of the worker that drives a run."""
    async with everything(cluster) as database:
        return int(await database.fetchval(_DRIVER, UUID(watched.run_id)))


async def workers_of(cluster: Cluster, watched: Watched) -> int:
    """How many workers have written a run, one after the other."""
    async with everything(cluster) as database:
        return int(await database.fetchval(_WORKERS, UUID(watched.run_id)))


async def audit(cluster: Cluster, clients: Sequence[Client]) -> Findings:
    """Look at everything. To be called when all is quiet."""
    found = Findings()
    async with everything(cluster) as database:
        for client in clients:
            for watched in client.watched.values():
                await _question(database, watched, found)
        sent = [watched for client in clients for watched in client.watched.values()]
        sessions = {UUID(watched.session_id) for watched in sent}
        known = [UUID(watched.message_id) for watched in sent]
        if unknown := await database.fetchval(_UNKNOWN_QUESTIONS, sessions, known):
            found.doubled.append(f"{unknown} questions that nobody sent")
        await check_stored(database, found)
    for client in clients:
        await _as_fetched(client, found)
    found.tools_twice = [what for what, count in cluster.effects.effects.items() if count > 1]
    return found


async def assert_nothing_lost(cluster: Cluster, *clients: Client) -> None:
    """Wait for quiet and find nothing."""
    await until(lambda: is_quiet(cluster))
    found = await audit(cluster, clients)
    assert found.is_clean, found.problems()


async def check_stored(database: asyncpg.Connection, found: Findings) -> None:
    """What must hold whatever was sent: nothing under way, streams whole, the ledger right."""
    if waiting := await database.fetchval(_IN_QUEUE):
        found.stuck.append(f"{waiting} in the queue")
    found.stuck += [row[0] for row in await database.fetch(_UNFINISHED)]
    await _ledger(database, found)
    found.lost += [f"a gap in the events of {row[0]}" for row in await database.fetch(_GAPS)]


async def _question(database: asyncpg.Connection, watched: Watched, found: Findings) -> None:
    asked = await database.fetchval(_QUESTIONS, UUID(watched.message_id))
    answers = await database.fetchval(_ANSWERS, UUID(watched.message_id))
    if watched.is_acked and (asked == 0 or answers == 0):
        found.lost.append(f"{watched.content}: {asked} questions, {answers} answers")
    if asked > 1 or answers > 1:
        found.doubled.append(f"{watched.content}: {asked} questions, {answers} answers")
    if watched.is_acked and not watched.ended.is_set():
        found.stuck.append(f"{watched.run_id} has no end for its watcher, who is at {watched.state.last_seq}")
    if watched.state.status == "failed" and watched.state.parts[-1].get("code") != "runs.attempts_exhausted":
        found.lost.append(f"{watched.run_id} failed: {watched.state.parts[-1]}")
    found.lost += [f"{watched.run_id}: from {before} to {after}" for before, after in watched.gaps]


async def _ledger(database: asyncpg.Connection, found: Findings) -> None:
    if held := await database.fetchval(_HELD):
        found.ledger.append(f"{held} reservations are still held")
    for name, query in (
        ("model call not booked", _UNBOOKED),
        ("cut model call not booked", _CUT_UNBOOKED),
        ("booked for nothing", _BOOKED_FOR_NOTHING),
        ("usage and ledger differ", _SUMS_DIFFER),
    ):
        found.ledger += [f"{name}: {row[0]}" for row in await database.fetch(query)]


async def _as_fetched(client: Client, found: Findings) -> None:
    """What a watcher saw is what a fresh fetch shows."""
    sessions = {watched.session_id for watched in client.watched.values() if watched.is_acked}
    stored = {message["id"]: message for session in sessions for message in await client.messages(session)}
    for watched in client.watched.values():
        if not watched.is_acked:
            continue
        message = stored.get(watched.assistant_id)
        if message is None:
            found.lost.append(f"{watched.content}: its answer is not on its session's path")
        elif message["content"] != watched.state.parts or message["status"] != watched.state.status:
            found.differing.append(f"{watched.run_id}: {watched.state.status} {message['status']}")
        elif (message["timing"] or {}).get("total_ms") != (watched.state.timing or {}).get("total_ms"):
            found.differing.append(f"{watched.run_id}: timing")
