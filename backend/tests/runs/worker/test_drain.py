"""A process that stops: it claims nothing more, and its runs end or go on elsewhere from their last step."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text

from coda.assembly import Process, assemble
from coda.core.db import Database
from coda.core.settings import Settings
from coda.runs.repository import EventRepository
from coda.usage.models import LedgerEntry
from tests.runs.conftest import Person, new_person
from tests.runs.control import LONG, QUESTION, assert_as_stored, frames_of, frames_until, over, paced, spoken, start
from tests.runs.waiting import until, until_async

StartWorker = Callable[..., AbstractAsyncContextManager[Process]]
_PLACE = text("select state, attempt, command from run_queue where run_id = :run_id")


@pytest.fixture
def worker(settings: Settings, fresh_database: Database, redis_url: str) -> StartWorker:
    """Start one of several workers. Leases are so long that nobody can wait for them."""

    @asynccontextmanager
    async def begin(*, tokens_per_second: int, grace: float = 30) -> AsyncIterator[Process]:
        own = paced(settings, tokens_per_second=tokens_per_second, lease=timedelta(minutes=5), max_attempts=1)
        shutdown = own.shutdown.model_copy(update={"grace": timedelta(seconds=grace)})
        shared = own.model_copy(update={"redis_url": SecretStr(redis_url), "shutdown": shutdown})
        async with assemble(shared, fresh_database.urls) as process:
            yield process

    return begin


@pytest.fixture
async def person(fresh_database: Database) -> Person:
    return await new_person(fresh_database)


async def place(process: Process, run_id: UUID) -> tuple[str, int, str | None]:
    """Where a run stands in the queue."""
    async with process.database.transaction(None) as db:
        row = (await db.execute(_PLACE, {"run_id": run_id})).one()
        return row.state, row.attempt, row.command


async def left(process: Process) -> None:
    """Drain a process until it drives nothing more."""
    process.dispatcher.drain()
    await until(lambda: process.dispatcher.working == 0)


def discarded(frames: list[dict[str, object]]) -> list[object]:
    return [frame["value"] for frame in frames if frame.get("name") == "coda.discard"]


async def assert_booked(process: Process, person: Person, message_id: UUID) -> None:
    """The ledger and the answer's usage tell the same."""
    async with process.database.transaction(person.scope) as db:
        query = select(func.sum(LedgerEntry.output_tokens), func.sum(LedgerEntry.cost_usd))
        tokens, cost = (await db.execute(query.where(LedgerEntry.message_id == message_id))).one()
    message = await person.message(message_id)
    assert (message.output_tokens, message.cost_usd) == (tokens, cost)


async def test_a_run_goes_on_elsewhere_from_its_next_step(worker: StartWorker, person: Person) -> None:
    async with worker(tokens_per_second=30) as first:
        run_id = await start(first, person, QUESTION)
        await frames_until(first, person, run_id, lambda frame: frame["type"] == "REASONING_MESSAGE_CONTENT")
        await left(first)

        assert await place(first, run_id) == ("queued", 0, None)
        before = await frames_of(first, person, run_id)
        assert before[-1]["type"] == "STEP_FINISHED"
        async with worker(tokens_per_second=0) as second:
            run = await over(person, run_id)

            assert run.status == "finished"
            frames = await frames_of(second, person, run_id)
            assert frames[: len(before)] == before
            assert discarded(frames) == []
            steps = [frame["stepName"] for frame in frames if frame["type"] == "STEP_STARTED"]
            assert len(steps) == len(set(steps))
            assert sum(frame["type"] == "TOOL_CALL_RESULT" for frame in frames) == 1
            await assert_as_stored(second, person, [run_id])
            await assert_booked(second, person, run.message_id)


async def test_a_stream_may_end_within_the_grace(worker: StartWorker, person: Person) -> None:
    async with worker(tokens_per_second=600) as process:
        run_id = await start(process, person, LONG)
        await spoken(process, person, run_id)
        await process.dispatcher.stop()

        assert (await person.run(run_id)).status == "finished"
        await assert_as_stored(process, person, [run_id])


async def test_a_stream_longer_than_the_grace_begins_again_elsewhere(worker: StartWorker, person: Person) -> None:
    async with worker(tokens_per_second=50, grace=0.2) as first:
        run_id = await start(first, person, LONG)
        await spoken(first, person, run_id)
        await first.dispatcher.stop()

        assert await place(first, run_id) == ("queued", 0, None)
        async with worker(tokens_per_second=0) as second:
            run = await over(person, run_id)

            assert run.status == "finished"
            assert len(discarded(await frames_of(second, person, run_id))) == 1
            await assert_as_stored(second, person, [run_id])
            await assert_booked(second, person, run.message_id)


async def test_told_twice_it_waits_for_no_stream(worker: StartWorker, person: Person) -> None:
    async with worker(tokens_per_second=50, grace=600) as process:
        run_id = await start(process, person, LONG)
        await spoken(process, person, run_id)
        process.dispatcher.drain()
        process.dispatcher.release_all()
        await process.dispatcher.stop()

        assert (await place(process, run_id))[0] == "queued"


async def test_a_paused_run_stays_paused_elsewhere(worker: StartWorker, person: Person) -> None:
    async with worker(tokens_per_second=50) as first:
        run_id = await start(first, person, QUESTION)
        await frames_until(first, person, run_id, lambda frame: frame["type"] == "REASONING_MESSAGE_CONTENT")
        await first.run_commands.pause(person.principal, run_id)
        await first.dispatcher.stop()

        assert await place(first, run_id) == ("queued", 0, "pause")
        async with worker(tokens_per_second=0) as second:
            await until(lambda: second.dispatcher.working == 1)
            await second.run_commands.resume(person.principal, run_id)
            run = await over(person, run_id)

            assert run.status == "finished"
            await assert_as_stored(second, person, [run_id])


async def test_what_comes_in_while_it_drains_is_left_to_others(worker: StartWorker, person: Person) -> None:
    async with worker(tokens_per_second=0) as first:
        await left(first)
        run_id = await start(first, person, QUESTION)
        assert await place(first, run_id) == ("queued", 0, None)

        async with worker(tokens_per_second=0):
            assert (await over(person, run_id)).status == "finished"


async def test_the_next_start_of_the_only_process_goes_on(
    settings: Settings, fresh_database: Database, person: Person
) -> None:
    async with assemble(paced(settings, tokens_per_second=30), fresh_database.urls) as first:
        run_id = await start(first, person, QUESTION)
        await frames_until(first, person, run_id, lambda frame: frame["type"] == "REASONING_MESSAGE_CONTENT")
        await left(first)
        handed_over = len(await frames_of(first, person, run_id))
    async with assemble(paced(settings, tokens_per_second=0), fresh_database.urls) as second:
        assert (await over(person, run_id)).status == "finished"
        frames = await frames_of(second, person, run_id)
        assert discarded(frames) == []
        assert len(frames) > handed_over


async def test_a_drained_worker_is_gone(worker: StartWorker) -> None:
    async def workers(process: Process) -> int:
        async with process.database.transaction(None) as db:
            return int(await db.scalar(text("select count(*) from workers")) or 0)

    async with worker(tokens_per_second=0) as process:
        assert await workers(process) == 1
        for _ in range(2):
            await process.dispatcher.stop()

        async def is_gone() -> bool:
            return await workers(process) == 0

        await until_async(is_gone)


async def test_a_run_handed_over_has_no_more_time_than_any_other(
    settings: Settings, fresh_database: Database, person: Person
) -> None:
    async with assemble(paced(settings, tokens_per_second=30), fresh_database.urls) as first:
        run_id = await start(first, person, LONG)
        await spoken(first, person, run_id)
        await until_async(lambda: has_worked(first, person, run_id, for_ms=600))
        first.dispatcher.release_all()
    brief = paced(settings, tokens_per_second=0, max_duration=timedelta(milliseconds=600))
    async with assemble(brief, fresh_database.urls) as second:
        run = await over(person, run_id)
        message = await person.message(run.message_id)

        assert (run.status, message.status) == ("cancelled", "stopped")
        assert message.content[-1]["code"] == "runs.timed_out"
        await assert_as_stored(second, person, [run_id])


async def test_a_run_handed_over_has_no_more_steps_than_any_other(
    settings: Settings, fresh_database: Database, person: Person
) -> None:
    async with assemble(paced(settings, tokens_per_second=30), fresh_database.urls) as first:
        run_id = await start(first, person, QUESTION)
        await frames_until(first, person, run_id, lambda frame: frame["type"] == "REASONING_MESSAGE_CONTENT")
        await left(first)
    async with assemble(paced(settings, tokens_per_second=0, max_steps=1), fresh_database.urls):
        run = await over(person, run_id)
        notices = [part["code"] for part in (await person.message(run.message_id)).content if part["type"] == "notice"]

        assert run.status == "finished"
        assert notices == ["runs.step_limit"]


async def has_worked(process: Process, person: Person, run_id: UUID, *, for_ms: int) -> bool:
    async with process.database.transaction(person.scope) as db:
        return await EventRepository(db, person.scope).worked_ms(run_id) > for_ms
