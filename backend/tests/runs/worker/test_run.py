"""One run from question to answer, on the real database, with the demo model and real tools."""

from uuid import UUID

import orjson
from sqlalchemy import update

from coda.assembly import Process
from coda.conversations.models import ChatSession
from coda.core.ids import new_id
from coda.identity.models import User
from coda.runs.models import Run
from coda.runs.queue.run_queue import Claim
from coda.runs.repository import EventRepository, StepRepository
from coda.runs.types import TERMINAL_STATUSES, StartedRun
from tests.contract.reducer import MessageState
from tests.runs.claims import stage_run
from tests.runs.conftest import Ask, Person, ended
from tests.runs.waiting import until_async

QUESTION = "What is 17.5 % of 2,340?"


async def frames_of(process: Process, person: Person, run: Run) -> list[dict[str, object]]:
    async with process.database.transaction(person.scope) as db:
        return [orjson.loads(frame) for frame in await EventRepository(db, person.scope).list_frames(run.id)]


class TestRun:
    async def test_the_demo_model_reasons_calculates_and_answers(self, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), QUESTION, model="demo/coda")

        run = await ended(person, started)

        message = await person.message(run.message_id)
        kinds = [part["type"] for part in message.content]
        call = next(part for part in message.content if part["type"] == "tool_call")
        assert run.status == "finished"
        assert message.status == "complete"
        assert kinds[0] == "reasoning"
        assert call["name"] == "calculator"
        assert call["evaluation"]["verdict"] == "ok"
        assert "409.5" in message.content[-1]["text"]
        assert message.total_ms is not None
        assert message.usage_confidence is not None

    async def test_its_events_reduce_to_what_is_stored(self, process: Process, person: Person, ask: Ask) -> None:
        run = await ended(person, await ask(await person.new_session(), QUESTION, model="demo/coda"))

        frames = await frames_of(process, person, run)

        state = MessageState().apply_all(frames)
        message = await person.message(run.message_id)
        assert [frame["metadata"]["coda"]["seq"] for frame in frames] == list(range(1, run.last_seq + 1))  # type: ignore[index]
        assert state.parts == message.content
        assert state.status == "complete"

    async def test_its_steps_ledger_and_queue_tell_the_same(self, process: Process, person: Person, ask: Ask) -> None:
        run = await ended(person, await ask(await person.new_session(), QUESTION, model="demo/coda"))

        async with process.database.transaction(person.scope) as db:
            steps = await StepRepository(db, person.scope).list_steps(run.id, after=0, limit=100)
        assert [step.name for step in steps if step.kind == "node"] == [
            "prepare#1", "reason#1", "act#1", "evaluate#1", "reason#2", "synthesize#1",
        ]  # fmt: skip
        assert {step.status for step in steps} == {"done"}
        assert [step.name for step in steps if step.kind == "tool"] == ["calculator"]
        assert all(step.duration_ms is not None for step in steps)

    async def test_now_is_the_persons_own_time(self, process: Process, person: Person, ask: Ask) -> None:
        async with process.database.transaction(person.scope) as db:
            (await db.get_one(User, person.principal.user_id)).time_zone = "Asia/Kathmandu"

        run = await ended(person, await ask(await person.new_session(), "What time is it?", model="demo/coda"))

        message = await person.message(run.message_id)
        call = next(part for part in message.content if part["type"] == "tool_call")
        assert call["result"]["iso"].endswith("+05:45")

    async def test_the_same_request_again_is_the_same_run(self, person: Person, ask: Ask) -> None:
        session_id, run_id, message_id = await person.new_session(), new_id(), new_id()
        again: list[StartedRun] = [
            await ask(session_id, QUESTION, run_id=run_id, message_id=message_id, parent_id=None) for _ in range(2)
        ]

        await ended(person, again[0])
        assert again[0].run["id"] == again[1].run["id"]
        assert again[0].assistant["id"] == again[1].assistant["id"]
        assert not again[1].is_new

    async def test_the_session_gets_a_title(self, process: Process, person: Person, ask: Ask) -> None:
        session_id: UUID = await person.new_session()
        await ended(person, await ask(session_id, QUESTION, model="demo/coda"))

        async with process.database.transaction(person.scope) as db:
            chat_session = await db.get_one(ChatSession, (person.scope.org_id, session_id))
        assert chat_session.title
        assert chat_session.run_status == "done"


class TestModelGoneMeanwhile:
    async def test_the_run_fails_and_its_stream_begins_and_ends_once(self, process: Process, person: Person) -> None:
        run = await stage_run(person)
        async with process.database.transaction(person.scope) as db:
            await db.execute(update(Run).where(Run.id == run.id).values(model="nowhere/gone"))

        process.dispatcher.dispatch(
            Claim(run.org_id, run.id, run.user_id, fence=1, attempt=1, command=None, waited_ms=7)
        )
        await until_async(lambda: is_over(person, run.id))

        failed = await person.run(run.id)
        frames = await frames_of(process, person, failed)
        assert failed.error is not None
        assert failed.error["code"] == "llm.model_not_found"
        assert [frame["type"] for frame in frames] == ["RUN_STARTED", "CUSTOM", "RUN_ERROR"]
        assert (await person.message(run.message_id)).status == "failed"
        async with process.database.transaction(person.scope) as db:
            steps = await StepRepository(db, person.scope).list_steps(run.id, after=0, limit=10)
        assert [(step.kind, step.name, step.duration_ms) for step in steps] == [("wait", "queue", 7)]


async def is_over(person: Person, run_id: UUID) -> bool:
    return (await person.run(run_id)).status in TERMINAL_STATUSES
