"""Deleting a chat stops its runs: what works ends, what waits never begins, and what is restored stays whole."""

from uuid import UUID

import pytest

from coda.assembly import Process
from coda.conversations.wiring import session_service
from coda.core.settings import Settings
from coda.runs.types import StartedRun
from tests.runs.conftest import Ask, Person, ended
from tests.runs.control import LONG, frames_of, paced, spoken


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """Answers last longer than any test."""
    return paced(settings, tokens_per_second=25)


async def delete(process: Process, person: Person, session_id: UUID) -> None:
    async with process.database.transaction(person.scope) as db:
        await session_service(db, person.scope).delete(session_id)


async def restore(process: Process, person: Person, session_id: UUID) -> None:
    async with process.database.transaction(person.scope) as db:
        await session_service(db, person.scope).restore(session_id)


async def ask_twice(process: Process, person: Person, ask: Ask) -> tuple[UUID, StartedRun, StartedRun]:
    """A chat with an answer at work and a question that waits behind it."""
    session_id = await person.new_session()
    working: StartedRun = await ask(session_id, LONG, model="demo/coda")
    await spoken(process, person, UUID(working.run["id"]))
    return session_id, working, await ask(session_id, "And lakes?", model="demo/coda")


class TestDeletedChat:
    async def test_nothing_of_it_works_on_or_begins(self, process: Process, person: Person, ask: Ask) -> None:
        session_id, working, waiting = await ask_twice(process, person, ask)

        await delete(process, person, session_id)

        assert (await ended(person, waiting)).status == "cancelled"
        assert (await ended(person, working)).status == "cancelled"
        said = await frames_of(process, person, UUID(waiting.run["id"]))
        assert "TEXT_MESSAGE_START" not in {frame["type"] for frame in said}

    async def test_restored_it_has_what_was_said_until_then(self, process: Process, person: Person, ask: Ask) -> None:
        session_id, working, waiting = await ask_twice(process, person, ask)
        await delete(process, person, session_id)
        await ended(person, waiting)
        run = await ended(person, working)

        await restore(process, person, session_id)

        answer = await person.message(run.message_id)
        assert answer.status == "stopped"
        assert any(part["type"] == "text" and part["text"] for part in answer.content)
        gone_on = await process.run_commands.continue_run(person.principal, run.id)
        assert gone_on["status"] == "queued"
        await process.run_commands.cancel(person.principal, UUID(gone_on["id"]))

    async def test_one_that_was_restored_in_time_works_on(self, process: Process, person: Person, ask: Ask) -> None:
        session_id, working, _ = await ask_twice(process, person, ask)

        await process.run_commands.cancel_deleted(person.scope, session_id)

        assert (await person.run(UUID(working.run["id"]))).status == "running"
        await delete(process, person, session_id)
        await ended(person, working)
