"""A person and a worker reach for the same run at the same moment: one of them gets it, whole."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.errors import RunAlreadyStarted, RunNotFound
from coda.runs.queue.run_queue import Claim, RunQueue
from coda.runs.types import StartedRun
from tests.runs.conftest import Ask, Person

ROUNDS = 12
NEW_WORDS = [{"type": "text", "text": "Other words"}]


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[Process]:
    """A process that drives no runs: the tests claim by themselves."""
    async with assemble(settings, database_urls, works=False) as running:
        yield running


async def claim(process: Process) -> list[Claim]:
    async with process.database.autocommit() as db:
        return await RunQueue(db).claim(new_id(), lease=timedelta(minutes=5), limit=50, per_user=1000, max_attempts=3)


async def succeeds(command: asyncio.Task[object]) -> bool:
    try:
        await command
    except RunAlreadyStarted:
        return False
    return True


async def question_of(process: Process, person: Person, started: StartedRun) -> list[str]:
    async with process.database.transaction(person.scope) as db:
        statement = text("select content -> 0 ->> 'text' from messages where session_id = :id and role = 'user'")
        return list((await db.scalars(statement, {"id": UUID(started.run["session_id"])})).all())


class TestRaces:
    async def test_an_edit_is_made_before_the_claim_or_refused(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        for _ in range(ROUNDS):
            started = await ask(await person.new_session(), "First words", model="demo/coda")
            run_id = UUID(started.run["id"])
            edit = asyncio.create_task(process.run_commands.edit(person.principal, run_id, NEW_WORDS))
            claims = await claim(process)
            is_edited = await succeeds(edit)

            is_claimed = run_id in {run.run_id for run in claims}
            assert is_edited or is_claimed
            expected = "Other words" if is_edited else "First words"
            assert await question_of(process, person, started) == [expected]
            await claim(process)

    async def test_a_run_is_claimed_or_taken_out(self, process: Process, person: Person, ask: Ask) -> None:
        for _ in range(ROUNDS):
            started = await ask(await person.new_session(), "First words", model="demo/coda")
            run_id = UUID(started.run["id"])
            remove = asyncio.create_task(process.run_commands.remove(person.principal, run_id))
            claims = await claim(process)
            is_removed = await succeeds(remove)

            assert is_removed != (run_id in {run.run_id for run in claims})
            assert await question_of(process, person, started) == ([] if is_removed else ["First words"])

    async def test_a_stop_and_a_removal_never_lock_each_other_out(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        """Each is made, or refused because the other was first; what is below goes on either way."""
        for _ in range(ROUNDS):
            session_id = await person.new_session()
            started = await ask(session_id, "First words", model="demo/coda")
            await ask(session_id, "Words below", model="demo/coda")
            run_id = UUID(started.run["id"])

            made = await asyncio.gather(
                process.run_commands.remove(person.principal, run_id),
                process.run_commands.cancel(person.principal, run_id),
                process.run_commands.cancel(person.principal, run_id),
                return_exceptions=True,
            )

            refusals = [error for error in made if isinstance(error, BaseException)]
            assert {type(error) for error in refusals} <= {RunAlreadyStarted, RunNotFound}
            assert len(refusals) < len(made)
            is_removed = not isinstance(made[0], BaseException)
            assert (run_id in {run.run_id for run in await claim(process)}) is False
            asked = ["Words below"] if is_removed else ["First words", "Words below"]
            assert sorted(await question_of(process, person, started)) == asked
