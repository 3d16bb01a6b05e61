"""Questions that wait behind an unfinished answer: sent in order, held, changed, taken out."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.core.db import DatabaseUrls
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.errors import MessageIdTaken, RunAlreadyStarted, RunIdTaken, RunNotFound
from coda.runs.types import StartedRun
from tests.runs.conftest import Ask, Person, ended, new_person
from tests.runs.control import LONG, GuardedCalculator, decision, over, paced, spoken
from tests.runs.waiting import until_async

QUESTION = "What is 17.5 % of 2,340?"
SHORT = "Hello"


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """Slow enough to be queued behind."""
    return paced(settings, tokens_per_second=400)


@pytest.fixture(scope="module")
async def process(settings: Settings, database_urls: DatabaseUrls) -> AsyncIterator[Process]:
    """A process whose calculator asks first."""
    async with assemble(settings, database_urls, toolsets=GuardedCalculator().toolsets()) as running:
        yield running


def run_id_of(started: StartedRun) -> UUID:
    return UUID(started.run["id"])


async def place(process: Process, person: Person, started: StartedRun) -> dict[str, object] | None:
    run = await process.streams.read_run(person.scope, run_id_of(started))
    return run["queue"]  # type: ignore[no-any-return]  # JSON


async def stop(process: Process, person: Person, started: StartedRun) -> None:
    await process.run_commands.cancel(person.principal, run_id_of(started))
    await ended(person, started)


async def busy(process: Process, person: Person, ask: Ask, session_id: UUID) -> StartedRun:
    """An answer that is under way, and stays so until `let_finish`."""
    first: StartedRun = await ask(session_id, LONG, model="demo/coda")
    await process.run_commands.pause(person.principal, run_id_of(first))
    return first


async def let_finish(process: Process, person: Person, first: StartedRun) -> None:
    await process.run_commands.resume(person.principal, run_id_of(first))


async def texts(process: Process, person: Person, session_id: UUID) -> list[tuple[str, str]]:
    """The active path: role and text of each message."""
    async with process.database.transaction(person.scope) as db:
        rows = await db.execute(
            text("""
                with recursive path as (
                    select m.* from messages m join chat_sessions s on s.active_leaf_id = m.id where s.id = :id
                    union all select m.* from messages m join path on path.parent_id = m.id
                ) select role, coalesce((content -> 0) ->> 'text', '') from path order by depth
            """),
            {"id": session_id},
        )
        return [(row[0], row[1]) for row in rows]


async def assert_counted(process: Process, person: Person, session_id: UUID) -> None:
    """Depth and size above are what a walk up the tree finds."""
    async with process.database.transaction(person.scope) as db:
        wrong = await db.scalar(
            text("""
                with sized as (
                    select m.*, coalesce((select sum(length(part ->> 'text')) from jsonb_array_elements(content) part
                                           where part ->> 'type' in ('text', 'steer')), 0) as size
                      from messages m where m.session_id = :id
                ) select count(*) from sized m left join sized p on p.id = m.parent_id
                   where m.depth <> coalesce(p.depth + 1, 0)
                      or m.chars_above <> coalesce(p.chars_above + p.size, 0)
            """),
            {"id": session_id},
        )
    assert wrong == 0


class TestOrder:
    async def test_a_question_under_an_unfinished_answer_waits_and_then_runs(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, SHORT)
        third = await ask(session_id, SHORT)

        assert second.run["status"] == "queued"
        assert second.run["queue"] == {"position": 1, "waits_for": "answer"}
        assert third.run["queue"] == {"position": 2, "waits_for": "answer"}
        await let_finish(process, person, first)
        runs = [await ended(person, started) for started in (first, second, third)]

        assert [run.status for run in runs] == ["finished"] * 3
        finished = [run.finished_at for run in runs]
        started = [run.started_at for run in runs]
        assert finished[0] <= started[1] <= finished[1] <= started[2]  # type: ignore[operator]  # they have both
        assert await place(process, person, third) is None
        await assert_counted(process, person, session_id)

    async def test_what_is_queued_reads_the_finished_answer_above_it(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, SHORT)
        await let_finish(process, person, first)
        answer = await person.message((await ended(person, first)).message_id)
        await ended(person, second)

        async with process.database.transaction(person.scope) as db:
            statement = "select data -> 'context' from run_steps where run_id = :id and data ? 'context'"
            record = await db.scalar(text(statement), {"id": run_id_of(second)})
        history = next(part for part in record["parts"] if part["kind"] == "history")
        assert history["items"] == 2
        assert history["tokens"] > len(answer.content[-1]["text"]) // 8

    async def test_two_tabs_that_queue_at_once_make_a_line(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        queued = await asyncio.gather(*(ask(session_id, f"{SHORT} {n}") for n in range(4)))

        places = [started.run["queue"]["position"] for started in queued]
        assert sorted(places) == [1, 2, 3, 4]
        await stop(process, person, first)

    async def test_the_same_parent_twice_makes_siblings(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        above = UUID(first.assistant["id"])
        queued = [await ask(session_id, SHORT, parent_id=above) for _ in range(2)]

        assert [started.run["queue"]["position"] for started in queued] == [1, 1]
        assert [started.message["parent_id"] for started in queued] == [str(above)] * 2
        await stop(process, person, first)

    async def test_the_same_start_again_is_the_same_run(self, process: Process, person: Person, ask: Ask) -> None:
        session_id, run_id = await person.new_session(), new_id()
        first = await busy(process, person, ask, session_id)
        once = await ask(session_id, SHORT, run_id=run_id)
        again = await ask(session_id, SHORT, run_id=run_id)

        assert (once.is_new, again.is_new) == (True, False)
        assert again.run == once.run
        await stop(process, person, first)


class TestHeld:
    async def test_after_a_stop_nothing_goes_out_by_itself(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second, third = await ask(session_id, SHORT), await ask(session_id, SHORT)
        await stop(process, person, first)

        assert await place(process, person, second) == {"position": 1, "waits_for": "person"}
        assert await place(process, person, third) == {"position": 1, "waits_for": "answer"}
        for _ in range(2):
            sent = await process.run_commands.resume(person.principal, run_id_of(second))
            assert sent["id"] == second.run["id"]
        assert [(await ended(person, started)).status for started in (second, third)] == ["finished"] * 2
        await assert_counted(process, person, session_id)

    async def test_an_answer_that_waits_for_a_decision_keeps_what_is_below(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        session_id = await person.new_session()
        first = await ask(session_id, QUESTION, model="demo/coda")
        second = await ask(session_id, SHORT)
        run = await over(person, run_id_of(first))
        assert run.status == "interrupted"
        assert await place(process, person, second) == {"position": 1, "waits_for": "answer"}

        call_id = UUID((run.interrupts or [])[0]["tool_call_id"])
        await process.run_commands.decide(person.principal, run.id, decision(call_id, "approve"))

        assert (await ended(person, second)).status == "finished"
        await assert_answered_before(person, first, second)

    async def test_an_answer_that_is_given_up_holds_what_is_below(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        session_id = await person.new_session()
        first = await ask(session_id, QUESTION, model="demo/coda")
        second = await ask(session_id, SHORT)
        await over(person, run_id_of(first))

        await process.run_commands.cancel(person.principal, run_id_of(first))

        assert await place(process, person, second) == {"position": 1, "waits_for": "person"}

    async def test_a_waiting_question_can_be_stopped(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second, third = await ask(session_id, SHORT), await ask(session_id, SHORT)

        await stop(process, person, second)

        assert (await person.message(UUID(second.assistant["id"]))).status == "stopped"
        assert await place(process, person, third) == {"position": 1, "waits_for": "person"}
        await stop(process, person, first)


async def assert_answered_before(person: Person, first: StartedRun, second: StartedRun) -> None:
    answer = await person.message(UUID(first.assistant["id"]))
    later = await person.run(run_id_of(second))
    assert answer.status == "complete"
    assert later.started_at is not None


class TestEdit:
    async def test_a_waiting_question_gets_another_text(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, SHORT)
        await ask(session_id, SHORT)

        edited = await process.run_commands.edit(
            person.principal, run_id_of(second), [{"type": "text", "text": "Hello there, tell me more"}]
        )

        assert edited.message is not None
        assert edited.message["content"] == [{"type": "text", "text": "Hello there, tell me more"}]
        assert edited.run["queue"] == {"position": 1, "waits_for": "answer"}
        assert (await texts(process, person, session_id))[2] == ("user", "Hello there, tell me more")
        await stop(process, person, first)
        await assert_counted(process, person, session_id)

    async def test_what_is_begun_stands(self, process: Process, person: Person, ask: Ask) -> None:
        first = await ask(await person.new_session(), LONG, model="demo/coda")
        await spoken(process, person, run_id_of(first))

        with pytest.raises(RunAlreadyStarted):
            await process.run_commands.edit(person.principal, run_id_of(first), [{"type": "text", "text": "x"}])
        with pytest.raises(RunAlreadyStarted):
            await process.run_commands.remove(person.principal, run_id_of(first))

        await stop(process, person, first)


class TestRemove:
    async def test_question_and_answer_vanish_and_what_was_below_moves_up(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        session_id, message_id = await person.new_session(), new_id()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, "Never asked", message_id=message_id)
        third = await ask(session_id, SHORT)

        for _ in range(2):
            await process.run_commands.remove(person.principal, run_id_of(second))

        assert await place(process, person, third) == {"position": 1, "waits_for": "answer"}
        assert [role for role, _ in await texts(process, person, session_id)] == ["user", "assistant"] * 2
        with pytest.raises(RunNotFound):
            await process.streams.read_run(person.scope, run_id_of(second))
        with pytest.raises(RunIdTaken):
            await ask(session_id, "Never asked", run_id=run_id_of(second), message_id=message_id)
        with pytest.raises(MessageIdTaken):
            await ask(session_id, "Never asked", message_id=message_id)
        await let_finish(process, person, first)
        assert (await ended(person, third)).status == "finished"
        assert (await person.run(run_id_of(first))).status == "finished"
        await assert_counted(process, person, session_id)

    async def test_the_last_one_leaves_the_answer_above_as_the_leaf(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, SHORT)

        await process.run_commands.remove(person.principal, run_id_of(second))

        assert [text for _, text in await texts(process, person, session_id)] == [LONG, ""]
        await stop(process, person, first)

    async def test_what_was_below_a_held_one_is_held(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second, third = await ask(session_id, SHORT), await ask(session_id, SHORT)
        await stop(process, person, first)

        await process.run_commands.remove(person.principal, run_id_of(second))

        assert await place(process, person, third) == {"position": 1, "waits_for": "person"}
        await process.run_commands.resume(person.principal, run_id_of(third))
        assert (await ended(person, third)).status == "finished"

    async def test_another_person_finds_nothing(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, SHORT)
        other = await new_person(process.database)

        for _ in range(2):
            with pytest.raises(RunNotFound):
                await process.run_commands.remove(other.principal, run_id_of(second))

        await stop(process, person, first)


class TestLostWorker:
    async def test_a_taken_over_answer_lets_the_next_one_go(self, process: Process, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, SHORT)
        await let_finish(process, person, first)
        async with process.database.transaction(None) as db:
            statement = "update run_queue set lease_until = now() - interval '1 s' where run_id = :id"
            await db.execute(text(statement), {"id": run_id_of(first)})
        process.dispatcher.wake()

        assert (await ended(person, second)).status == "finished"

    async def test_an_answer_that_fails_for_good_holds_the_next_one(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        session_id = await person.new_session()
        first = await busy(process, person, ask, session_id)
        second = await ask(session_id, SHORT)
        async with process.database.transaction(None) as db:
            statement = "update run_queue set lease_until = now() - interval '1 s', attempt = 3 where run_id = :id"
            await db.execute(text(statement), {"id": run_id_of(first)})
        process.dispatcher.wake()
        assert (await ended(person, first)).status == "failed"

        async def is_held() -> bool:
            return await place(process, person, second) == {"position": 1, "waits_for": "person"}

        await until_async(is_held)
