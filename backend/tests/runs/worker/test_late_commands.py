"""A command that comes in while its run is being interrupted, when the worker dies before it has applied it."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.settings import Settings
from tests.runs.conftest import Person
from tests.runs.control import GuardedCalculator, decision, interrupted, over
from tests.runs.waiting import until_async


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[Process]:
    """A process whose calculator asks first."""
    async with assemble(settings, database_urls, toolsets=GuardedCalculator().toolsets()) as running:
        yield running


async def leave(process: Process, person: Person, run_id: UUID, command: str) -> None:
    """What a dead worker leaves: the run is over, its place in the queue still holds the command."""
    async with process.database.transaction(None) as db:
        await db.execute(
            text("""
                insert into run_queue (run_id, org_id, user_id, state, fence, attempt, command, lease_until)
                values (:run, :org, :user, 'running', 1, 1, :command, now() - interval '1 s')
            """),
            {"run": run_id, "org": person.scope.org_id, "user": person.principal.user_id, "command": command},
        )
    process.dispatcher.wake()


async def left(process: Process, run_id: UUID) -> int:
    async with process.database.transaction(None) as db:
        statement = text("select count(*) from run_queue where run_id = :run")
        return int(await db.scalar(statement, {"run": run_id}) or 0)


class TestLateCommands:
    async def test_a_stop_counts(self, process: Process, person: Person) -> None:
        run_id, _ = await interrupted(process, person)
        await leave(process, person, run_id, "cancel")

        async def is_stopped() -> bool:
            return (await person.run(run_id)).status == "cancelled"

        await until_async(is_stopped)
        assert (await person.message((await person.run(run_id)).message_id)).status == "stopped"
        assert await left(process, run_id) == 0

    @pytest.mark.parametrize("command", ["pause", "resume"])
    async def test_what_has_no_effect_only_gives_the_place_up(
        self, process: Process, person: Person, command: str
    ) -> None:
        run_id, call_id = await interrupted(process, person)
        await leave(process, person, run_id, command)

        async def is_gone() -> bool:
            return await left(process, run_id) == 0

        await until_async(is_gone)
        assert (await person.run(run_id)).status == "interrupted"
        gone_on = await process.run_commands.decide(person.principal, run_id, decision(call_id, "approve"))
        assert (await over(person, UUID(gone_on["id"]))).status == "finished"

    async def test_a_deleted_run_gives_its_place_up(self, process: Process, person: Person) -> None:
        run_id, _ = await interrupted(process, person)
        async with process.database.transaction(person.scope) as db:
            await db.execute(text("delete from runs where id = :run"), {"run": run_id})
        await leave(process, person, run_id, "cancel")

        async def is_gone() -> bool:
            return await left(process, run_id) == 0

        await until_async(is_gone)
