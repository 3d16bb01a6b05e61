"""Writing on behind an answer that was cut: by its person, by the model's limit."""

from uuid import UUID

import pytest
from sqlalchemy import text

from coda.assembly import Process
from coda.core.settings import Settings
from coda.runs.errors import NothingToContinue
from coda.runs.types import LENGTH_LIMIT, StartedRun
from tests.runs.conftest import Ask, Person, ended
from tests.runs.control import LONG, assert_as_stored, expire_lease, over, paced, spoken

QUESTION = "What is 17.5 % of 2,340?"


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """Slow enough to be cut."""
    return paced(settings, tokens_per_second=1000)


async def cut(process: Process, person: Person, ask: Ask) -> StartedRun:
    """An answer that was stopped in the middle of its words."""
    started: StartedRun = await ask(await person.new_session(), LONG, model="demo/coda")
    run_id = UUID(started.run["id"])
    await spoken(process, person, run_id)
    await process.run_commands.cancel(person.principal, run_id)
    assert (await ended(person, started)).status == "cancelled"
    return started


async def written(person: Person, started: StartedRun) -> str:
    message = await person.message(UUID(started.assistant["id"]))
    return "".join(part["text"] for part in message.content if part["type"] == "text")


async def continue_run(process: Process, person: Person, run_id: UUID) -> UUID:
    return UUID((await process.run_commands.continue_run(person.principal, run_id))["id"])


class TestContinue:
    async def test_a_stopped_answer_is_written_on(self, process: Process, person: Person, ask: Ask) -> None:
        """The demo model says only what it has not read as said already."""
        whole: StartedRun = await ask(await person.new_session(), LONG, model="demo/coda")
        await ended(person, whole)
        started = await cut(process, person, ask)
        before = await written(person, started)
        first = UUID(started.run["id"])

        ids = {await continue_run(process, person, first) for _ in range(2)}
        (second,) = ids
        run = await over(person, second)

        message = await person.message(run.message_id)
        assert (run.status, message.status, run.root_run_id) == ("finished", "complete", first)
        assert 0 < len(before) < len(await written(person, whole))
        assert await written(person, started) == await written(person, whole)
        assert {part["type"] for part in message.content} <= {"reasoning", "text"}
        await assert_as_stored(process, person, [first, second])
        with pytest.raises(NothingToContinue):
            await continue_run(process, person, second)

    async def test_it_may_be_cut_again_and_again(self, process: Process, person: Person, ask: Ask) -> None:
        whole: StartedRun = await ask(await person.new_session(), LONG, model="demo/coda")
        await ended(person, whole)
        started = await cut(process, person, ask)
        runs = [UUID(started.run["id"])]
        for _ in range(2):
            runs.append(await continue_run(process, person, runs[-1]))
            await spoken(process, person, runs[-1])
            await process.run_commands.cancel(person.principal, runs[-1])
            await over(person, runs[-1])
        runs.append(await continue_run(process, person, runs[-1]))

        assert (await over(person, runs[-1])).status == "finished"
        assert await written(person, started) == await written(person, whole)
        await assert_as_stored(process, person, runs)

    async def test_the_model_s_limit_is_told_and_can_be_passed(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        started = await ask(await person.new_session(), LONG, model="demo/coda", params={"max_output_tokens": 60})
        first = await ended(person, started)
        message = await person.message(first.message_id)
        assert (message.status, message.content[-1]["code"]) == ("complete", LENGTH_LIMIT)
        before = await written(person, started)

        second = await continue_run(process, person, first.id)
        await over(person, second)

        after = await written(person, started)
        assert after.startswith(before)
        assert len(after) > len(before)
        await assert_as_stored(process, person, [first.id, second])

    async def test_what_was_not_cut_is_refused(self, process: Process, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), QUESTION, model="demo/coda")
        with pytest.raises(NothingToContinue):
            await continue_run(process, person, UUID(started.run["id"]))
        run = await ended(person, started)

        with pytest.raises(NothingToContinue):
            await continue_run(process, person, run.id)

    async def test_stopped_before_a_word_it_begins_anew(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        above = await ask(session_id, LONG, model="demo/coda")
        started = await ask(session_id, QUESTION)
        await process.run_commands.cancel(person.principal, UUID(started.run["id"]))
        await process.run_commands.cancel(person.principal, UUID(above.run["id"]))
        await ended(person, above)

        second = await continue_run(process, person, UUID(started.run["id"]))

        assert (await over(person, second)).status == "finished"
        assert "409.5" in await written(person, started)

    async def test_a_lost_worker_does_not_lose_it(self, process: Process, person: Person, ask: Ask) -> None:
        whole: StartedRun = await ask(await person.new_session(), LONG, model="demo/coda")
        await ended(person, whole)
        started = await cut(process, person, ask)
        first = UUID(started.run["id"])
        second = await continue_run(process, person, first)
        await spoken(process, person, second)
        await expire_lease(process, second)
        process.dispatcher.wake()

        assert (await over(person, second)).status == "finished"
        assert await written(person, started) == await written(person, whole)
        await assert_as_stored(process, person, [first, second])

    async def test_what_waits_below_goes_out_behind_the_whole(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        above = await ask(session_id, LONG, model="demo/coda")
        below = await ask(session_id, "Hello")
        first = UUID(above.run["id"])
        await spoken(process, person, first)
        await process.run_commands.cancel(person.principal, first)
        await ended(person, above)

        second = await continue_run(process, person, first)
        queue = (await process.streams.read_run(person.scope, UUID(below.run["id"])))["queue"]
        assert (await over(person, second)).status == "finished"
        assert (await ended(person, below)).status == "finished"

        assert queue == {"position": 1, "waits_for": "answer"}
        async with process.database.transaction(person.scope) as db:
            sizes = await db.execute(
                text("select chars_above from messages where session_id = :id order by depth"), {"id": session_id}
            )
            counted = [row[0] for row in sizes]
        assert counted[2] == len(LONG) + len(await written(person, above))
