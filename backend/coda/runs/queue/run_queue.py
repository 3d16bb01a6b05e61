"""The run queue: claim with lease and fence, heartbeat, commands. Ids only; no tenant data passes here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.runs.models import Run
from coda.runs.queue.admission import FAIR_ORDER
from coda.runs.queue.commands import RunCommand, command_of
from coda.runs.types import RunKey

WAKE_CHANNEL = "coda_runs"
COMMAND_CHANNEL = "coda_run_commands"
_LOST_WAIT = "5 seconds"

_STORED = (
    "org_id",
    "id",
    "session_id",
    "message_id",
    "user_id",
    "api_key_id",
    "parent_run_id",
    "root_run_id",
    "status",
    "model",
    "request_hash",
    "takes_steers",
    "continues",
)

# Lost runs, whose worker was silent for too long, go behind those that wait, so that a run which its worker died of is
# not the first again; after a few seconds they go first. The last try of a run that two workers died of is made one at
# a time, by a worker that has nothing else at work: whatever it does, it does to itself alone.
# More are looked at than are taken: what another worker has locked is skipped.
_CLAIM = text(f"""
    with {FAIR_ORDER}, waiting as (
        select org_id, run_id, turn, available_at from ordered where not is_over
         order by turn, available_at, run_id limit :limit * 8
    ), lost as (
        select org_id, run_id, attempt, lease_until, attempt > 1 and attempt < :max_attempts as is_suspect,
               lease_until < now() - interval '{_LOST_WAIT}' as is_overdue
          from run_queue where state = 'running' and lease_until < now()
    ), due as (
        select org_id, run_id, 1 as class, turn, available_at as since from waiting
        union all
        select org_id, run_id, case when is_overdue then 0 else 2 end, attempt, lease_until
          from lost where not is_suspect
        union all
        (select org_id, run_id, 3, attempt, lease_until from lost
          where is_suspect
            and not exists (select from run_queue w
                             where w.state = 'running' and w.lease_until >= now()
                               and (w.attempt > 2 or (w.worker_id = :worker and not lost.is_overdue)))
            and (is_overdue or not exists (select from waiting))
          order by attempt, lease_until, run_id limit 1)
    ), taken as materialized (
        select q.org_id, q.run_id from due join run_queue q on q.org_id = due.org_id and q.run_id = due.run_id
         where q.state = 'queued' or (q.state = 'running' and q.lease_until < now())
         order by due.class, due.turn, due.since, due.run_id
         limit :limit
           for update of q skip locked
    )
    update run_queue q
       set state = 'running', worker_id = :worker, lease_until = now() + :lease,
           fence = q.fence + 1, attempt = q.attempt + 1
      from taken
     where q.org_id = taken.org_id and q.run_id = taken.run_id
 returning q.run_id, q.org_id, q.user_id, q.fence, q.attempt, q.command, q.resumes,
           (extract(epoch from now() - q.enqueued_at) * 1000)::int as waited_ms
""")  # noqa: S608 - made of constants
_CLAIM_ONE = text("""
    update run_queue q
       set state = 'running', worker_id = null, lease_until = now() + :lease, fence = fence + 1,
           attempt = attempt + 1, command = :command
     where org_id = :org_id and run_id = :run_id
 returning q.run_id, q.org_id, q.user_id, q.fence, q.attempt, q.command, q.resumes,
           (extract(epoch from now() - q.enqueued_at) * 1000)::int as waited_ms
""")
# Locks in key order, as the log writer does, so that the two cannot deadlock.
_RENEW = text("""
    update run_queue q
       set lease_until = now() + :lease
      from (select org_id, run_id from run_queue
             where worker_id = :worker and state = 'running'
               and (org_id, run_id) in (select * from unnest(cast(:orgs as uuid[]), cast(:runs as uuid[])))
             order by org_id, run_id
               for no key update) leased
     where q.org_id = leased.org_id and q.run_id = leased.run_id
 returning q.org_id, q.run_id, q.fence, q.command
""")
_COMMANDS = text("""
    select org_id, run_id, fence, command from run_queue
     where worker_id = :worker and state = 'running' and command is not null
""")
# The run and its row in the queue. A run that its own process executes at once notifies no worker.
_ENQUEUE = text("""
    with stored as (
        insert into runs (org_id, id, session_id, message_id, user_id, api_key_id, parent_run_id, root_run_id, status,
                          model, params, request_hash, decisions, takes_steers, continues)
        values (:org_id, :id, :session_id, :message_id, :user_id, :api_key_id, :parent_run_id, :root_run_id, :status,
                :model, cast(:params as jsonb), :request_hash, cast(:decisions as jsonb), :takes_steers, :continues)
     returning created_at
    ), enqueued as (
        insert into run_queue (run_id, org_id, user_id, state, resumes, after_message_id,
                               worker_id, lease_until, fence, attempt)
        values (:id, :org_id, :user_id, :state, :resumes, :after_message_id,
                cast(:worker as uuid), now() + cast(:lease as interval), :fence, :attempt)
    )
    select created_at, case when :state = 'queued' then pg_notify(:channel, '') end from stored
""")
_REQUEUE = text("""
    insert into run_queue (run_id, org_id, user_id, state, fence, attempt)
    values (:run_id, :org_id, :user_id, 'queued', :fence, 1)
    on conflict do nothing
""")
_FIND_COMMAND = text("select command from run_queue where org_id = :org_id and run_id = :run_id")
_COMPLETE = text("delete from run_queue where org_id = :org_id and run_id = :run_id and fence = :fence")
_LOCK = text("""
    select command, state, state <> 'running' or lease_until < now() as is_free
      from run_queue where org_id = :org_id and run_id = :run_id for no key update
""")
_COMMAND = text("update run_queue set command = :command where org_id = :org_id and run_id = :run_id")
_NOTIFY = text("select pg_notify(:channel, :payload)")
_HEARTBEAT = text("""
    insert into workers (id, host, pid, version, concurrency) values (:id, :host, :pid, :version, :concurrency)
    on conflict (id) do update set seen_at = now()
""")
_DEREGISTER = text("delete from workers where id = :id")
# No worker died of a run that is released: the attempt does not count.
_RELEASE = text("""
    update run_queue set state = 'queued', worker_id = null, lease_until = null, attempt = attempt - 1
     where worker_id = :worker and state = 'running'
""")
_RELEASE_ONE = text("""
    update run_queue set state = 'queued', worker_id = null, lease_until = null, attempt = attempt - 1
     where org_id = :org_id and run_id = :run_id and fence = :fence
""")
_EXPIRE_LEASES = text("update run_queue set lease_until = now() - interval '1 second' where state = 'running'")


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this worker now executes. Every later write of it carries `fence`."""

    org_id: UUID
    run_id: UUID
    user_id: UUID
    fence: int
    attempt: int
    command: RunCommand | None
    waited_ms: int
    resumes: bool = False

    @property
    def key(self) -> RunKey:
        """Which run it is."""
        return RunKey(self.org_id, self.run_id)

    @property
    def is_first(self) -> bool:
        """Whether no worker has claimed the run before, so that nothing of it is left behind."""
        return self.fence == 1


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one run, reserved in a worker of this process."""

    worker_id: UUID
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """A renewed lease and the command that waits for its run, if any."""

    key: RunKey
    fence: int
    command: RunCommand | None


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A locked row of the queue. `is_free`: no worker executes the run (any more)."""

    command: RunCommand | None
    state: str
    is_free: bool


@dataclass(frozen=True, slots=True)
class LostRun:
    """A run that has begun and is not in the queue; `fence` is the last that wrote for it."""

    run_id: UUID
    org_id: UUID
    user_id: UUID
    fence: int


@dataclass(frozen=True, slots=True)
class WorkerIdentity:
    """The process that claims."""

    id: UUID
    host: str
    pid: int
    version: str
    concurrency: int = 0


class RunQueue:
    """The queue as one transaction sees it."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def enqueue(
        self, run: Run, *, resumes: bool = False, after_message_id: UUID | None = None, slot: Slot | None = None
    ) -> Claim | None:
        """Store a new run and enqueue it; workers wake at commit. With a `slot` it is claimed for that at once.

        `resumes`: it continues another run. `after_message_id`: it waits for this unfinished answer first.
        """
        state = "running" if slot else "queued" if after_message_id is None else "blocked"
        given = {
            **{name: getattr(run, name) for name in _STORED},
            "params": orjson.dumps(run.params).decode(),
            "decisions": None if run.decisions is None else orjson.dumps(run.decisions).decode(),
            "state": state,
            "resumes": resumes,
            "after_message_id": after_message_id,
            "worker": slot.worker_id if slot else None,
            "lease": slot.lease if slot else None,
            "fence": 1 if slot else 0,
            "attempt": 1 if slot else 0,
            "channel": WAKE_CHANNEL,
        }
        run.created_at, run.last_seq = (await self._db.execute(_ENQUEUE, given)).one().created_at, 0
        return Claim(run.org_id, run.id, run.user_id, fence=1, attempt=1, command=None, waited_ms=0) if slot else None

    async def requeue(self, lost: LostRun) -> None:
        """Enqueue a lost run again, to be recovered as after the death of its worker; nothing where it is queued."""
        await self._db.execute(_REQUEUE, asdict(lost))
        await self._db.execute(_NOTIFY, {"channel": WAKE_CHANNEL, "payload": ""})

    async def claim(
        self, worker_id: UUID, *, lease: timedelta, limit: int, per_user: int, max_attempts: int
    ) -> list[Claim]:
        """Claim up to `limit` due runs, in fair order, then runs whose lease has expired."""
        given = {
            "worker": worker_id, "lease": lease, "limit": limit, "per_user": per_user, "max_attempts": max_attempts,
        }  # fmt: skip
        return [_claim(row._mapping) for row in await self._db.execute(_CLAIM, given)]

    async def renew(self, worker_id: UUID, executed: Sequence[RunKey], *, lease: timedelta) -> list[Lease]:
        """Extend the leases of the runs that a worker executes; a run that is missing here has another worker now.

        A lease without an execution (the answer to the claim got lost) is left to expire.
        """
        orgs, runs = [key.org_id for key in executed], [key.run_id for key in executed]
        rows = await self._db.execute(_RENEW, {"worker": worker_id, "orgs": orgs, "runs": runs, "lease": lease})
        return [_lease(row._mapping) for row in rows]

    async def list_commands(self, worker_id: UUID) -> list[Lease]:
        """The commands that wait for a worker's runs."""
        return [_lease(row._mapping) for row in await self._db.execute(_COMMANDS, {"worker": worker_id})]

    async def complete(self, key: RunKey, *, fence: int) -> bool:
        """Remove a finished run; False when another worker has claimed it."""
        result = await self._db.execute(_COMPLETE, {**key._asdict(), "fence": fence})
        return bool(result.rowcount)  # type: ignore[attr-defined]  # a DML result always has it

    async def find_command(self, key: RunKey) -> RunCommand | None:
        """The run's command as it is now; inside a fenced transaction it cannot change any more."""
        return command_of((await self._db.execute(_FIND_COMMAND, key._asdict())).scalar_one_or_none())

    async def lock(self, key: RunKey) -> QueueEntry | None:
        """Lock a run's row in the queue until the transaction ends; None when the run is over."""
        row = (await self._db.execute(_LOCK, key._asdict())).mappings().first()
        return None if row is None else QueueEntry(command_of(row["command"]), row["state"], row["is_free"])

    async def send_command(self, key: RunKey, command: RunCommand) -> None:
        """Leave a command for the run's worker and notify it at commit."""
        await self._db.execute(_COMMAND, {**key._asdict(), "command": command})
        payload = f"{key.org_id}:{key.run_id}:{command}"
        await self._db.execute(_NOTIFY, {"channel": COMMAND_CHANNEL, "payload": payload})

    async def claim_one(self, key: RunKey, command: RunCommand, *, lease: timedelta) -> Claim:
        """Claim a locked run that no worker executes, for a command; its last worker is fenced out."""
        row = await self._db.execute(_CLAIM_ONE, {**key._asdict(), "command": command, "lease": lease})
        return _claim(row.one()._mapping)

    async def heartbeat(self, worker: WorkerIdentity) -> None:
        """Tell that a worker is alive."""
        await self._db.execute(
            _HEARTBEAT,
            {
                "id": worker.id,
                "host": worker.host,
                "pid": worker.pid,
                "version": worker.version,
                "concurrency": worker.concurrency,
            },
        )

    async def deregister(self, worker_id: UUID) -> None:
        """Release all runs of a stopping worker, and forget it."""
        await self._db.execute(_RELEASE, {"worker": worker_id})
        await self._wake()
        await self._db.execute(_DEREGISTER, {"id": worker_id})

    async def release(self, key: RunKey, *, fence: int) -> None:
        """Give one run back to the queue, and wake the workers at commit."""
        await self._db.execute(_RELEASE_ONE, {**key._asdict(), "fence": fence})
        await self._wake()

    async def expire_leases(self) -> None:
        """Let every lease expire at once: at the start of the only process, no other worker exists."""
        await self._db.execute(_EXPIRE_LEASES)

    async def _wake(self) -> None:
        await self._db.execute(_NOTIFY, {"channel": WAKE_CHANNEL, "payload": ""})


def _claim(row: RowMapping) -> Claim:
    return Claim(**{**row, "command": command_of(row["command"])})


def _lease(row: RowMapping) -> Lease:
    return Lease(RunKey(row["org_id"], row["run_id"]), row["fence"], command_of(row["command"]))
