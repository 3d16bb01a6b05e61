"""Sentences thrown into a working run: read at its next step, kept in the answer, never lost silently."""

from uuid import UUID

import pytest

from coda.assembly import Process
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.errors import RunEnding, RunNotFound, RunNotRunning, SteerIdTaken, TooManySteers
from coda.runs.repository import SteerRepository
from coda.runs.types import MOST_STEERS
from tests.runs.conftest import Person, new_person
from tests.runs.control import (
    LONG,
    QUESTION,
    assert_as_stored,
    expire_lease,
    frames_of,
    frames_until,
    over,
    paced,
    spoken,
    start,
)
from tests.runs.site import Site

STEER = "What is 2 + 2?"


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    return paced(settings, tokens_per_second=60)


async def reasoning(process: Process, person: Person, run_id: UUID) -> None:
    await frames_until(process, person, run_id, lambda frame: frame["type"] == "REASONING_START")


class TestSteer:
    async def test_the_agent_reads_it_at_its_next_step(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, QUESTION)
        await reasoning(process, person, run_id)

        for _ in range(2):
            steered = await process.run_commands.steer(person.principal, run_id, STEER)
            assert steered["id"] == str(run_id)
        run = await over(person, run_id)

        message = await person.message(run.message_id)
        assert run.status == "finished"
        assert [part for part in message.content if part["type"] == "steer"] == [{"type": "steer", "text": STEER}]
        assert "4" in message.content[-1]["text"]
        await assert_as_stored(process, person, [run_id])

    async def test_the_last_step_is_followed_by_another(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, "Hello")
        await frames_until(process, person, run_id, lambda frame: frame["type"] == "TEXT_MESSAGE_CONTENT")

        await process.run_commands.steer(person.principal, run_id, STEER)
        run = await over(person, run_id)

        message = await person.message(run.message_id)
        kinds = [part["type"] for part in message.content]
        assert run.status == "finished"
        assert kinds.index("steer") > kinds.index("text")
        assert message.content[-1]["text"].count("4")
        await assert_as_stored(process, person, [run_id])

    async def test_it_outlives_the_worker_that_read_it(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, QUESTION)
        await reasoning(process, person, run_id)
        await process.run_commands.steer(person.principal, run_id, STEER)
        await frames_until(process, person, run_id, lambda frame: frame.get("name") == "coda.steer")

        await expire_lease(process, run_id)
        process.dispatcher.wake()
        run = await over(person, run_id)

        message = await person.message(run.message_id)
        assert run.status == "finished"
        assert len([part for part in message.content if part["type"] == "steer"]) == 1
        await assert_as_stored(process, person, [run_id])

    async def test_what_nobody_read_is_kept_all_the_same(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, LONG)
        await frames_until(process, person, run_id, lambda frame: frame["type"] == "TEXT_MESSAGE_CONTENT")
        await process.run_commands.steer(person.principal, run_id, STEER)

        await process.run_commands.cancel(person.principal, run_id)
        run = await over(person, run_id)

        assert run.status == "cancelled"
        assert (await person.message(run.message_id)).content[-1] == {"type": "steer", "text": STEER, "read": False}
        await assert_as_stored(process, person, [run_id])

    async def test_an_answer_that_goes_on_reads_what_nobody_had(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, LONG)
        await frames_until(process, person, run_id, lambda frame: frame["type"] == "TEXT_MESSAGE_CONTENT")
        await process.run_commands.steer(person.principal, run_id, STEER)
        await process.run_commands.cancel(person.principal, run_id)
        await over(person, run_id)

        second = UUID((await process.run_commands.continue_run(person.principal, run_id))["id"])
        run = await over(person, second)

        content = (await person.message(run.message_id)).content
        assert {"type": "steer", "text": STEER} in content
        assert content[-1]["type"] == "text"
        await assert_as_stored(process, person, [run_id, second])

    async def test_one_that_comes_too_late_is_refused(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, LONG)
        async with process.database.transaction(person.scope) as db:
            assert await SteerRepository(db, person.scope).close(run_id, run_id)
        with pytest.raises(RunEnding):
            await process.run_commands.steer(person.principal, run_id, STEER)
        await process.run_commands.cancel(person.principal, run_id)
        await over(person, run_id)
        with pytest.raises(RunNotRunning):
            await process.run_commands.steer(person.principal, run_id, STEER)

    async def test_not_without_end_and_not_by_others(self, process: Process, person: Person) -> None:
        run_id = await start(process, person, LONG)
        stranger = await new_person(process.database)
        with pytest.raises(RunNotFound):
            await process.run_commands.steer(stranger.principal, run_id, STEER)
        for number in range(MOST_STEERS):
            await process.run_commands.steer(person.principal, run_id, f"Number {number}")
        with pytest.raises(TooManySteers):
            await process.run_commands.steer(person.principal, run_id, "One more")
        await process.run_commands.cancel(person.principal, run_id)
        await over(person, run_id)

    async def test_over_the_socket(self, site: Site, person: Person) -> None:
        run_id = await start(site.process, person, QUESTION)
        async with site.line(person) as line:
            await line.ask("attach", run_id=run_id)
            reply = await line.ask("steer", run_id=run_id, content=STEER)
            assert reply["run"]["id"] == str(run_id)
            [waiting] = reply["run"]["pending_steers"]
            events = await line.until_end(str(run_id))
            assert (await line.ask("steer", run_id=run_id, content=""))["error"]["code"] == "core.invalid_request"
        [read] = [event for event in events if event.get("name") == "coda.steer"]
        assert (read["value"], read["metadata"]["coda"]["steer_id"]) == ({"text": STEER}, waiting["id"])
        assert (await site.process.streams.read_run(person.scope, run_id))["pending_steers"] == []
        assert events == await frames_of(site.process, person, run_id)


class TestClientIds:
    async def test_the_same_id_is_thrown_in_once_for_ever(self, process: Process, person: Person) -> None:
        run_id, steer_id = await start(process, person, LONG), new_id()
        await spoken(process, person, run_id)
        for content in (STEER, STEER):
            await process.run_commands.steer(person.principal, run_id, content, steer_id)
        with pytest.raises(SteerIdTaken):
            await process.run_commands.steer(person.principal, run_id, "Something else", steer_id)
        await process.run_commands.steer(person.principal, run_id, STEER, new_id())
        await process.run_commands.cancel(person.principal, run_id)
        run = await over(person, run_id)

        await process.run_commands.steer(person.principal, run_id, STEER, steer_id)

        message = await person.message(run.message_id)
        assert [part["text"] for part in message.content if part["type"] == "steer"] == [STEER, STEER]


class TestPending:
    async def test_what_waits_to_be_read_is_told_until_it_is(self, process: Process, person: Person) -> None:
        run_id, steer_id = await start(process, person, LONG), new_id()
        await spoken(process, person, run_id)
        await process.run_commands.pause(person.principal, run_id)
        await process.run_commands.steer(person.principal, run_id, STEER, steer_id)
        await process.run_commands.steer(person.principal, run_id, "And briefly")

        pending = (await process.streams.read_run(person.scope, run_id))["pending_steers"]
        assert [steer["content"] for steer in pending] == [STEER, "And briefly"]
        assert pending[0]["id"] == str(steer_id)

        await process.run_commands.cancel(person.principal, run_id)
        await over(person, run_id)
        assert (await process.streams.read_run(person.scope, run_id))["pending_steers"] == []
