"""Pausing a working run and going on: at once, after an interrupt in a new run, over restarts."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from coda.assembly import Process, assemble
from coda.core.db import Database
from coda.core.settings import Settings
from coda.runs.errors import RunNotFound, RunNotPaused, RunNotRunning
from tests.contract.rules import assert_ordered
from tests.runs.conftest import Ask, Person, ended, new_person
from tests.runs.control import LONG, QUESTION, assert_as_stored, expire_lease, frames_of, over, paced, spoken, start
from tests.runs.site import Site
from tests.runs.waiting import until_async

GRACE = timedelta(milliseconds=400)


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    return paced(settings, tokens_per_second=200)


@pytest.fixture
def impatient(settings: Settings) -> Settings:
    """Pauses become interrupts soon."""
    return paced(settings, tokens_per_second=60, pause_grace=GRACE)


async def settled(process: Process, person: Person, run_id: UUID) -> int:
    """How many events are stored once no more come."""
    last = -1

    async def is_still() -> bool:
        nonlocal last
        before, last = last, len(await frames_of(process, person, run_id))
        await asyncio.sleep(0.2)
        return before == last

    await until_async(is_still)
    return last


class TestPause:
    async def test_watchers_see_nothing_more_until_it_goes_on(self, process: Process, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), LONG, model="demo/coda")
        run_id = UUID(started.run["id"])
        await spoken(process, person, run_id)

        for _ in range(2):
            assert (await process.run_commands.pause(person.principal, run_id))["id"] == str(run_id)
        held_at = await settled(process, person, run_id)
        assert len(await frames_of(process, person, run_id)) == held_at
        for _ in range(2):
            assert (await process.run_commands.resume(person.principal, run_id))["id"] == str(run_id)
        run = await over(person, run_id)

        assert run.status == "finished"
        assert len(await frames_of(process, person, run_id)) > held_at
        await assert_as_stored(process, person, [run_id])

    async def test_a_paused_run_can_be_stopped(self, process: Process, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), LONG, model="demo/coda")
        run_id = UUID(started.run["id"])
        await spoken(process, person, run_id)
        await process.run_commands.pause(person.principal, run_id)

        await process.run_commands.cancel(person.principal, run_id)
        run = await ended(person, started)

        assert run.status == "cancelled"
        await assert_as_stored(process, person, [run_id])
        with pytest.raises(RunNotRunning):
            await process.run_commands.pause(person.principal, run_id)
        with pytest.raises(RunNotPaused):
            await process.run_commands.resume(person.principal, run_id)

    async def test_what_is_refused(self, process: Process, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), LONG, model="demo/coda")
        run_id = UUID(started.run["id"])
        stranger = await new_person(process.database)

        with pytest.raises(RunNotPaused):
            await process.run_commands.resume(person.principal, run_id)
        for command in (process.run_commands.pause, process.run_commands.resume):
            with pytest.raises(RunNotFound):
                await command(stranger.principal, run_id)

        await process.run_commands.cancel(person.principal, run_id)
        await over(person, run_id)

    async def test_a_run_can_be_paused_before_a_worker_has_it(self, person: Person, ask: Ask, process: Process) -> None:
        started = await ask(await person.new_session(), QUESTION, model="demo/coda")
        run_id = UUID(started.run["id"])
        await process.run_commands.pause(person.principal, run_id)
        await settled(process, person, run_id)
        assert (await person.run(run_id)).status in ("queued", "running")
        await process.run_commands.resume(person.principal, run_id)
        assert (await over(person, run_id)).status == "finished"

    async def test_the_pause_outlives_its_worker(self, process: Process, person: Person) -> None:
        run_id = await begin(process, person, QUESTION)
        await process.run_commands.pause(person.principal, run_id)
        await settled(process, person, run_id)

        await expire_lease(process, run_id)
        process.dispatcher.wake()
        await settled(process, person, run_id)
        assert (await person.run(run_id)).status == "running"
        await process.run_commands.resume(person.principal, run_id)

        assert (await over(person, run_id)).status == "finished"
        await assert_as_stored(process, person, [run_id])

    async def test_a_watcher_may_leave_and_come_back_in_the_pause(self, site: Site, person: Person, ask: Ask) -> None:
        process = site.process
        async with site.line(person) as line:
            started = await ask(await person.new_session(), LONG, model="demo/coda")
            run_id = UUID(started.run["id"])
            await line.ask("attach", run_id=run_id)
            await spoken(process, person, run_id)
            assert (await line.ask("pause", run_id=run_id))["run"]["id"] == str(run_id)
            held_at = await settled(process, person, run_id)
            while len(line.events) < held_at:
                await line.read()
        async with site.line(person) as line:
            await line.ask("attach", run_id=run_id, after=held_at)
            assert (await line.ask("resume", run_id=run_id))["run"]["id"] == str(run_id)
            events = await line.until_end(str(run_id))
        assert_ordered(events, after=held_at, ended=True)
        await assert_as_stored(process, person, [run_id])

    async def test_the_persons_other_pages_are_told(self, site: Site, person: Person, ask: Ask) -> None:
        async with site.line(person) as line, site.line(person) as other:
            await other.ask("ping")
            started = await ask(await person.new_session(), LONG, model="demo/coda")
            run_id = started.run["id"]
            await spoken(site.process, person, UUID(run_id))
            for _ in range(2):
                await line.ask("pause", run_id=run_id)
                await line.ask("steer", run_id=run_id, content="Shorter, please.")
            await line.ask("resume", run_id=run_id)
            await line.ask("cancel", run_id=run_id)
            while (told := [note["change"] for note in other.notes if note["id"] == run_id])[-1:] != ["cancelled"]:
                await other.read()

        assert told[-4:] == ["paused", "steered", "resumed", "cancelled"]


class TestLongPause:
    async def test_it_interrupts_and_a_new_run_goes_on(self, impatient: Settings, fresh_database: Database) -> None:
        async with assemble(impatient, fresh_database.urls) as process:
            person = await new_person(process.database)
            run_id = await begin(process, person, QUESTION)
            await process.run_commands.pause(person.principal, run_id)
            run = await over(person, run_id)
            message = await person.message(run.message_id)

            assert run.status == "interrupted"
            assert run.interrupts == [
                {"id": str(run_id), "reason": "pause", "message": "Paused.", "tool_call_id": None}
            ]
            assert message.status == "waiting"
            await assert_as_stored(process, person, [run_id])
            again = await process.run_commands.pause(person.principal, run_id)
            assert again["status"] == "interrupted"

        async with assemble(impatient, fresh_database.urls) as process:
            resumed = [await process.run_commands.resume(person.principal, run_id) for _ in range(2)]
            second = UUID(resumed[0]["id"])
            run = await over(person, second)

            assert resumed[0]["id"] == resumed[1]["id"] != str(run_id)
            assert resumed[0]["parent_run_id"] == resumed[0]["root_run_id"] == str(run_id)
            assert run.status == "finished"
            await assert_as_stored(process, person, [run_id, second])
            message = await person.message(run.message_id)
            assert "409.5" in message.content[-1]["text"]
            assert len([part for part in message.content if part["type"] == "tool_call"]) == 1
            assert message.run_id == second

    async def test_a_waiting_answer_can_be_given_up(self, impatient: Settings, fresh_database: Database) -> None:
        async with assemble(impatient, fresh_database.urls) as process:
            person = await new_person(process.database)
            run_id = await begin(process, person, QUESTION)
            await process.run_commands.pause(person.principal, run_id)
            await over(person, run_id)

            for _ in range(2):
                given_up = await process.run_commands.cancel(person.principal, run_id)
                assert given_up["status"] == "cancelled"
            message = await person.message(UUID(given_up["message_id"]))
            assert message.status == "stopped"
            with pytest.raises(RunNotPaused):
                await process.run_commands.resume(person.principal, run_id)

    async def test_the_resumed_run_outlives_its_worker(self, impatient: Settings, fresh_database: Database) -> None:
        async with assemble(impatient, fresh_database.urls) as process:
            person = await new_person(process.database)
            run_id = await begin(process, person, QUESTION)
            await process.run_commands.pause(person.principal, run_id)
            await over(person, run_id)
            second = UUID((await process.run_commands.resume(person.principal, run_id))["id"])
            await until_async(lambda: has_events(process, person, second))
            await expire_lease(process, second)
            process.dispatcher.wake()
            assert (await over(person, second)).status == "finished"
            await assert_as_stored(process, person, [run_id, second])


async def begin(process: Process, person: Person, question: str) -> UUID:
    """A run that has begun to reason."""
    run_id = await start(process, person, question)
    await until_async(lambda: has_events(process, person, run_id))
    return run_id


async def has_events(process: Process, person: Person, run_id: UUID) -> bool:
    return any(frame["type"] == "REASONING_START" for frame in await frames_of(process, person, run_id))
