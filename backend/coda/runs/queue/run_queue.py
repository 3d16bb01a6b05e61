"""The run queue: claim with lease and fence, heartbeat, commands. Ids only; no tenant data passes here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.runs.models import Run
from coda.runs.queue.admission import FAIR_LINE

WAKE_CHANNEL = "coda_runs"
COMMAND_CHANNEL = "coda_run_commands"

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

# More are looked at than are taken: what another worker has locked is skipped.
_CLAIM = text(f"""
    with {FAIR_LINE}, due as (
        select run_id, 0 as turn, lease_until as since from run_queue where state = 'running' and lease_until < now()
        union all
        (select run_id, turn, available_at from line where not is_over
          order by turn, available_at, run_id limit :limit * 8)
    ), taken as materialized (
        select q.run_id from due join run_queue q on q.run_id = due.run_id
         where q.state = 'queued' or (q.state = 'running' and q.lease_until < now())
         order by due.turn, due.since, due.run_id
         limit :limit
           for update of q skip locked
    )
    update run_queue q
       set state = 'running', worker_id = :worker, lease_until = now() + :lease,
           fence = q.fence + 1, attempt = q.attempt + 1
      from taken
     where q.run_id = taken.run_id
 returning q.run_id, q.org_id, q.user_id, q.fence, q.attempt, q.command, q.resumes,
           (extract(epoch from now() - q.enqueued_at) * 1000)::int as waited_ms,
           q.after_message_id is not null as was_blocked
""")  # noqa: S608 - made of constants
_SEIZE = text("""
    update run_queue q
       set state = 'running', worker_id = null, lease_until = now() + :lease, fence = fence + 1,
           attempt = attempt + 1, command = :command
     where run_id = :run_id
 returning q.run_id, q.org_id, q.user_id, q.fence, q.attempt, q.command, q.resumes,
           (extract(epoch from now() - q.enqueued_at) * 1000)::int as waited_ms,
           q.after_message_id is not null as was_blocked
""")
# Locks in key order, as the log writer does: the two never wait for each other in a ring.
_RENEW = text("""
    update run_queue q
       set lease_until = now() + :lease
      from (select run_id from run_queue
             where worker_id = :worker and state = 'running' and run_id = any(:driven)
             order by run_id
               for no key update) held
     where q.run_id = held.run_id
 returning q.run_id, q.fence, q.command
""")
_COMMANDS = text("""
    select run_id, fence, command from run_queue where worker_id = :worker and state = 'running' and command is not null
""")
# The run and its place in the queue. A run that its own process works on at once wakes nobody.
_PUT = text("""
    with stored as (
        insert into runs (org_id, id, session_id, message_id, user_id, api_key_id, parent_run_id, root_run_id, status,
                          model, params, request_hash, decisions, takes_steers, continues)
        values (:org_id, :id, :session_id, :message_id, :user_id, :api_key_id, :parent_run_id, :root_run_id, :status,
                :model, cast(:params as jsonb), :request_hash, cast(:decisions as jsonb), :takes_steers, :continues)
     returning created_at
    ), placed as (
        insert into run_queue (run_id, org_id, user_id, state, resumes, after_message_id,
                               worker_id, lease_until, fence, attempt)
        values (:id, :org_id, :user_id, :state, :resumes, :after_message_id,
                cast(:worker as uuid), now() + cast(:lease as interval), :fence, :attempt)
    )
    select created_at, case when :state = 'queued' then pg_notify(:channel, '') end from stored
""")
_PUT_BACK = text("""
    insert into run_queue (run_id, org_id, user_id, state, fence, attempt)
    values (:run_id, :org_id, :user_id, 'queued', :fence, 1)
    on conflict do nothing
""")
_WANTED = text("select command from run_queue where run_id = :run_id")
_COMPLETE = text("delete from run_queue where run_id = :run_id and fence = :fence")
_LOCK = text("""
    select command, state, state <> 'running' or lease_until < now() as is_free
      from run_queue where run_id = :run_id for no key update
""")
_COMMAND = text("update run_queue set command = :command where run_id = :run_id")
_NOTIFY = text("select pg_notify(:channel, :payload)")
_BEAT = text("""
    insert into workers (id, host, pid, version, concurrency) values (:id, :host, :pid, :version, :concurrency)
    on conflict (id) do update set seen_at = now()
""")
_LEAVE = text("delete from workers where id = :id")
# Nobody died of a run that is given back: the try does not count.
_RELEASE = text("""
    update run_queue set state = 'queued', worker_id = null, lease_until = null, attempt = attempt - 1
     where worker_id = :worker and state = 'running'
""")
_RELEASE_ONE = text("""
    update run_queue set state = 'queued', worker_id = null, lease_until = null, attempt = attempt - 1
     where run_id = :run_id and fence = :fence
""")
_VOID_LEASES = text("update run_queue set lease_until = now() - interval '1 second' where state = 'running'")
_OLDEST = text("""
    select coalesce(extract(epoch from now() - min(available_at)), 0)::float from run_queue where state = 'queued'
""")


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this worker now drives. Every later write of it carries `fence`."""

    run_id: UUID
    org_id: UUID
    user_id: UUID
    fence: int
    attempt: int
    command: str | None
    waited_ms: int
    resumes: bool = False
    was_blocked: bool = False

    @property
    def is_first(self) -> bool:
        """Whether nobody has held the run before, so that it cannot have left anything behind."""
        return self.fence == 1


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for one run in a worker of this very process, kept for it."""

    worker_id: UUID
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Lease:
    """A renewed lease and the command that waits for its run, if any."""

    run_id: UUID
    fence: int
    command: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a locked run of the queue is told to do, and whether nobody drives it (any more)."""

    command: str | None
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

    async def put(
        self, run: Run, *, resumes: bool = False, after_message_id: UUID | None = None, slot: Slot | None = None
    ) -> Claim | None:
        """Store a new run and put it in line; workers wake at commit. With a `slot` it is claimed for that at once.

        `resumes`: it goes on where another one stopped. `after_message_id`: it waits for this unfinished answer first.
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
        run.created_at, run.last_seq = (await self._db.execute(_PUT, given)).one().created_at, 0
        return Claim(run.id, run.org_id, run.user_id, fence=1, attempt=1, command=None, waited_ms=0) if slot else None

    async def put_back(self, lost: LostRun) -> None:
        """Let a lost run be taken over, as after the death of its worker; nothing where it is in line."""
        await self._db.execute(_PUT_BACK, asdict(lost))
        await self._db.execute(_NOTIFY, {"channel": WAKE_CHANNEL, "payload": ""})

    async def claim(self, worker_id: UUID, *, lease: timedelta, limit: int, per_user: int) -> list[Claim]:
        """Take up to `limit` due runs, in the fair order of the line; runs whose lease ran out go first."""
        given = {"worker": worker_id, "lease": lease, "limit": limit, "per_user": per_user}
        return [Claim(**row._mapping) for row in await self._db.execute(_CLAIM, given)]

    async def renew(self, worker_id: UUID, driven: Sequence[UUID], *, lease: timedelta) -> list[Lease]:
        """Extend the leases of the runs that a worker drives; one that is not among the given was taken over.

        What the worker holds without driving it (a claim whose answer got lost) is left to run out.
        """
        rows = await self._db.execute(_RENEW, {"worker": worker_id, "driven": list(driven), "lease": lease})
        return [Lease(**row._mapping) for row in rows]

    async def commands(self, worker_id: UUID) -> list[Lease]:
        """The commands that wait for a worker's runs."""
        return [Lease(**row._mapping) for row in await self._db.execute(_COMMANDS, {"worker": worker_id})]

    async def complete(self, *, run_id: UUID, fence: int) -> bool:
        """Remove a finished run; False when it was taken over."""
        result = await self._db.execute(_COMPLETE, {"run_id": run_id, "fence": fence})
        return bool(result.rowcount)  # type: ignore[attr-defined]  # a DML result always has it

    async def wanted(self, run_id: UUID) -> str | None:
        """The run's command as it is now; inside a journal's transaction it cannot change any more."""
        command: str | None = (await self._db.execute(_WANTED, {"run_id": run_id})).scalar_one_or_none()
        return command

    async def lock(self, run_id: UUID) -> Standing | None:
        """Hold a run's place in the queue until the transaction ends; None when the run is over."""
        row = (await self._db.execute(_LOCK, {"run_id": run_id})).mappings().first()
        return None if row is None else Standing(**row)

    async def command(self, run_id: UUID, command: str) -> None:
        """Leave a command for the run's worker and notify it at commit."""
        await self._db.execute(_COMMAND, {"run_id": run_id, "command": command})
        await self._db.execute(_NOTIFY, {"channel": COMMAND_CHANNEL, "payload": f"{run_id}:{command}"})

    async def seize(self, run_id: UUID, command: str, *, lease: timedelta) -> Claim:
        """Take a locked run that nobody drives, for a command; whoever drove it is fenced out."""
        row = await self._db.execute(_SEIZE, {"run_id": run_id, "command": command, "lease": lease})
        return Claim(**row.one()._mapping)

    async def beat(self, worker: WorkerIdentity) -> None:
        """Tell that a worker lives."""
        await self._db.execute(
            _BEAT,
            {
                "id": worker.id,
                "host": worker.host,
                "pid": worker.pid,
                "version": worker.version,
                "concurrency": worker.concurrency,
            },
        )

    async def leave(self, worker_id: UUID) -> None:
        """Give back what a stopping worker holds, and forget it."""
        await self._db.execute(_RELEASE, {"worker": worker_id})
        await self._wake()
        await self._db.execute(_LEAVE, {"id": worker_id})

    async def release(self, *, run_id: UUID, fence: int) -> None:
        """Give one run back to the queue, and wake the workers at commit."""
        await self._db.execute(_RELEASE_ONE, {"run_id": run_id, "fence": fence})
        await self._wake()

    async def void_leases(self) -> None:
        """Let every lease run out at once: at the start of the only process, nobody else can hold one."""
        await self._db.execute(_VOID_LEASES)

    async def oldest_wait_seconds(self) -> float:
        """How long the longest-waiting run has been due."""
        return float((await self._db.execute(_OLDEST)).scalar_one())

    async def _wake(self) -> None:
        await self._db.execute(_NOTIFY, {"channel": WAKE_CHANNEL, "payload": ""})
