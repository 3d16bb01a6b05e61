"""Claimed runs for tests of the log: rows of the queue, without the rest of a run."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from coda.conversations.models import Message
from coda.core.clock import now
from coda.core.db import Database
from coda.core.ids import new_id
from coda.runs.log import LogWriter, RunLog
from coda.runs.models import QueuedRun, Run
from coda.runs.stream import events
from tests.runs.conftest import Person

_CLAIM = text("""
    insert into run_queue (run_id, org_id, user_id, state, fence) values (:run_id, :org_id, :org_id, 'running', :fence)
""")
_FENCE = text("update run_queue set fence = fence + 1 where run_id = :run_id")
_STORED = text("select seq, fence, frame from run_events where run_id = :run_id order by seq")


async def stage_run(person: Person) -> Run:
    """A run with all that belongs to it, which a test drives by hand: no worker will claim it."""
    session_id = await person.new_session()
    org_id, user_id = person.scope.org_id, person.principal.user_id
    message = Message(
        org_id=org_id, id=new_id(), session_id=session_id, role="assistant", content=[], status="streaming"
    )
    run_id = new_id()
    run = Run(
        org_id=org_id,
        id=run_id,
        session_id=session_id,
        message_id=message.id,
        user_id=user_id,
        root_run_id=run_id,
        status="running",
        model="demo/coda",
        request_hash=b"",
        last_seq=0,
    )
    async with person.database.transaction(person.scope) as db:
        db.add(message)
        await db.flush()
        db.add(run)
        db.add(
            QueuedRun(
                run_id=run_id,
                org_id=org_id,
                user_id=user_id,
                state="running",
                fence=1,
                lease_until=now() + timedelta(hours=1),
            )
        )
    return run


def open_staged(writer: LogWriter, run: Run) -> RunLog:
    """The log of a staged run."""
    return writer.register(run_id=run.id, org_id=run.org_id, session_id=run.session_id, fence=1, first_seq=1)


def begin(log: RunLog, run: Run) -> None:
    """The first events of an answer of one text."""
    coda = {"message_id": str(run.message_id), "root_run_id": str(run.id), "model": run.model}
    log.append(events.run_started(session_id=run.session_id, run_id=run.id, parent_run_id=None, coda=coda))
    log.append(events.step_started("reason#1"))
    log.append(events.text_start(f"{run.message_id}.1"))


def say(log: RunLog, run: Run, delta: str) -> None:
    """A piece of the text."""
    log.append_delta(events.TEXT_CONTENT, f"{run.message_id}.1", delta)


def end(log: RunLog, run: Run) -> None:
    """The last events."""
    log.append(events.text_end(f"{run.message_id}.1"))
    log.append(events.step_finished("reason#1"))
    log.append(events.run_finished(session_id=run.session_id, run_id=run.id, outcome={"type": "success"}))


async def claim(database: Database, *, org_id: UUID, fence: int = 1) -> UUID:
    """A run that this process has claimed."""
    run_id = new_id()
    async with database.transaction(None) as db:
        await db.execute(_CLAIM, {"run_id": run_id, "org_id": org_id, "fence": fence})
    return run_id


async def take_over(database: Database, run_id: UUID) -> None:
    """Another worker claims the run."""
    async with database.transaction(None) as db:
        await db.execute(_FENCE, {"run_id": run_id})


async def open_log(
    database: Database, writer: LogWriter, *, org_id: UUID, first_seq: int = 1, fence: int = 1
) -> RunLog:
    """A claimed run's log."""
    run_id = await claim(database, org_id=org_id, fence=fence)
    return writer.register(run_id=run_id, org_id=org_id, session_id=org_id, fence=fence, first_seq=first_seq)


async def stored(database: Database, run_id: UUID) -> list[tuple[int, int, str]]:
    """What the database holds of a run: seq, fence, frame."""
    async with database.system() as connection:
        return [(row.seq, row.fence, row.frame) for row in await connection.execute(_STORED, {"run_id": run_id})]
