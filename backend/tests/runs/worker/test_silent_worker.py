"""Stopping runs that nobody drives: the API fences the silent worker out and writes the end itself."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from coda.assembly import Process, assemble
from coda.core.db import Database
from coda.core.settings import Settings
from tests.runs.claims import stage_run
from tests.runs.conftest import Person, new_person
from tests.runs.control import (
    LONG,
    GuardedCalculator,
    assert_as_stored,
    decision,
    expire_lease,
    frames_of,
    interrupted,
    start,
)


@pytest.fixture(scope="module")
async def process(settings: Settings, database: Database) -> AsyncIterator[Process]:
    """A process that drives no runs."""
    async with assemble(settings, database.urls, works=False) as running:
        yield running


@pytest.fixture
async def person(process: Process) -> Person:
    return await new_person(process.database)


class TestCancel:
    async def test_a_run_that_no_worker_has_claimed(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, LONG)

        for _ in range(2):
            stopped = await process.run_commands.cancel(person.principal, run_id)
            assert stopped["status"] == "cancelled"

        await assert_as_stored(process, person, [run_id])
        assert (await frames_of(process, person, run_id))[-1]["outcome"] == {"type": "cancelled"}

    async def test_a_run_whose_lease_is_over(self, process: Process, person: Person) -> None:
        staged = await stage_run(person)
        reply = await process.run_commands.cancel(person.principal, staged.id)
        assert reply["status"] == "running"

        await expire_lease(process, staged.id)
        stopped = await process.run_commands.cancel(person.principal, staged.id)

        assert stopped["status"] == "cancelled"
        assert (await person.message(staged.message_id)).status == "stopped"

    async def test_a_resumed_run_keeps_what_was_said(self, settings: Settings, fresh_database: Database) -> None:
        toolsets = GuardedCalculator().toolsets()
        async with assemble(settings, fresh_database.urls, toolsets=toolsets) as working:
            person = await new_person(working.database)
            run_id, call_id = await interrupted(working, person)
        async with assemble(settings, fresh_database.urls, works=False, toolsets=toolsets) as process:
            person = Person(person.principal, process.database)
            made = await process.run_commands.decide(person.principal, run_id, decision(call_id, "approve"))
            stopped = await process.run_commands.cancel(person.principal, UUID(made["id"]))

            assert stopped["status"] == "cancelled"
            await assert_as_stored(process, person, [run_id, UUID(made["id"])])
            message = await person.message(UUID(stopped["message_id"]))
            assert message.content[0]["type"] == "reasoning"
            assert message.content[-1]["error"]["code"] == "runs.stopped"
