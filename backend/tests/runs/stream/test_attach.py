"""Attaching to a run, wherever it is in its life."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from coda.assembly import Process
from coda.core.ids import new_id
from coda.runs.connections.feed import open_feed
from coda.runs.errors import RunNotFound
from coda.runs.stream.hub.frame import Frame
from tests.contract.reducer import MessageState
from tests.contract.rules import assert_ag_ui, assert_nested, assert_ordered
from tests.runs.conftest import Ask, Person, ended, new_person
from tests.runs.waiting import LONGEST

QUESTION = "What is 17.5 % of 2,340?"
_FORGET = text("delete from run_events where run_id = :run_id")


def events(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    return [orjson.loads(frame.text) for frame in frames]


async def whole(process: Process, person: Person, run_id: UUID, *, after: int = 0) -> list[dict[str, Any]]:
    """A run's stream from `after` to its end."""
    feed = await open_feed(process.streams, person.scope, run_id, after=after)
    try:
        async with asyncio.timeout(LONGEST):
            return [event async for frames in feed.frames() for event in events(frames)]
    finally:
        feed.close()


@pytest.fixture
async def answered(person: Person, ask: Ask) -> UUID:
    """A run that has ended, its events still there."""
    started = await ask(await person.new_session(), QUESTION)
    run = await ended(person, started)
    assert run.status == "finished"
    return run.id


class TestARunThatEnded:
    async def test_the_whole_stream_gives_the_stored_message(
        self, process: Process, person: Person, answered: UUID
    ) -> None:
        stream = await whole(process, person, answered)

        assert_ordered(stream, after=0, ended=True)
        for event in stream:
            assert_ag_ui(event)
        run = await person.run(answered)
        state = MessageState().apply_all(stream)
        message = await person.message(run.message_id)
        assert state.parts == message.content
        assert state.last_seq == run.last_seq

    async def test_every_point_of_return_ends_in_the_same_state(
        self, process: Process, person: Person, answered: UUID
    ) -> None:
        stream = await whole(process, person, answered)
        wanted = MessageState().apply_all(stream).visible()

        for k in range(1, len(stream) + 1):
            again = await whole(process, person, answered, after=k)
            assert_stream(again, after=k)
            assert MessageState().apply_all([*stream[:k], *again]).visible() == wanted

    async def test_behind_its_end_it_opens_and_ends(self, process: Process, person: Person, answered: UUID) -> None:
        last = (await person.run(answered)).last_seq

        for after in (last, last + 100):
            stream = await whole(process, person, answered, after=after)
            assert [event["type"] for event in stream] == ["RUN_STARTED", "RUN_FINISHED"]
            assert all(event["metadata"]["coda"]["replay"] for event in stream)
            assert {event["metadata"]["coda"]["seq"] for event in stream} == {last}

    async def test_somebody_elses_run_is_not_there(self, process: Process, answered: UUID) -> None:
        stranger = await new_person(process.database)

        for run_id in (answered, new_id()):
            with pytest.raises(RunNotFound):
                await open_feed(process.streams, stranger.scope, run_id)


class TestARunWhoseEventsAreGone:
    @pytest.fixture
    async def forgotten(self, process: Process, person: Person, answered: UUID) -> UUID:
        async with process.database.system() as connection:
            await connection.execute(_FORGET, {"run_id": answered})
        return answered

    async def test_the_answer_is_told_again(self, process: Process, person: Person, forgotten: UUID) -> None:
        stream = await whole(process, person, forgotten)

        run = await person.run(forgotten)
        message = await person.message(run.message_id)
        seqs = [event["metadata"]["coda"]["seq"] for event in stream]
        assert seqs == sorted(set(seqs))
        assert seqs[-1] == run.last_seq
        assert all(event["metadata"]["coda"]["compact"] for event in stream)
        opened: set[tuple[str, str]] = set()
        for event in stream:
            assert_ag_ui(event)
            assert_nested(event, opened)
        state = MessageState().apply_all(stream)
        assert state.parts == message.content
        assert state.status == "complete"
        assert state.usage is not None
        assert state.usage["output_tokens"] == message.output_tokens
        assert state.timing == {"ttft_ms": message.ttft_ms, "total_ms": message.total_ms}

    async def test_who_has_some_of_it_gets_it_whole(self, process: Process, person: Person, forgotten: UUID) -> None:
        run = await person.run(forgotten)
        message = await person.message(run.message_id)
        full = await whole(process, person, forgotten)

        after = run.last_seq - len(full)
        stream = await whole(process, person, forgotten, after=after)

        state = MessageState(last_seq=after, run_id=str(forgotten), parts=[{"type": "text", "text": "partly"}])
        assert state.apply_all(stream).parts == message.content

    async def test_who_has_nearly_all_of_it_is_told_of_the_end(
        self, process: Process, person: Person, forgotten: UUID
    ) -> None:
        run = await person.run(forgotten)

        stream = await whole(process, person, forgotten, after=run.last_seq - 1)

        assert [bool(event["metadata"]["coda"].get("replay")) for event in stream] == [True] * (len(stream) - 1) + [
            False
        ]
        assert stream[-1]["metadata"]["coda"]["seq"] == run.last_seq

    async def test_who_has_all_of_it_hears_only_the_end(
        self, process: Process, person: Person, forgotten: UUID
    ) -> None:
        last = (await person.run(forgotten)).last_seq

        stream = await whole(process, person, forgotten, after=last)

        assert [event["type"] for event in stream] == ["RUN_STARTED", "RUN_FINISHED"]
        assert all(event["metadata"]["coda"]["replay"] for event in stream)


class TestALiveRun:
    async def test_a_watcher_of_a_queued_run_waits_for_it(self, process: Process, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), QUESTION)

        stream = await whole(process, person, UUID(started.run["id"]))

        assert_ordered(stream, after=0, ended=True)

    async def test_dropping_at_every_kth_event_changes_nothing(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        for k in (1, 2, 3, 7):
            started = await ask(await person.new_session(), QUESTION)
            run_id = UUID(started.run["id"])

            states = await asyncio.gather(
                dropping_every(process, person, run_id, k), dropping_every(process, person, run_id, 10**6)
            )

            run = await ended(person, started)
            message = await person.message(run.message_id)
            assert states[0].visible() == states[1].visible()
            assert states[0].parts == message.content
            assert states[0].last_seq == run.last_seq


async def dropping_every(process: Process, person: Person, run_id: UUID, k: int) -> MessageState:
    """A client that drops its connection after every k new events, and comes back with what it has."""
    state = MessageState()
    async with asyncio.timeout(LONGEST):
        while state.status not in ("complete", "failed", "stopped"):
            feed = await open_feed(process.streams, person.scope, run_id, after=state.last_seq)
            until = state.last_seq + k
            try:
                async for frames in feed.frames():
                    for event in events(frames):
                        if state.last_seq < until:
                            state.apply(event)
                    if state.last_seq >= until:
                        break
            finally:
                feed.close()
    return state


def assert_stream(stream: Sequence[dict[str, Any]], *, after: int) -> None:
    """An AG-UI client, for which this is a new stream, accepts it."""
    assert stream[0]["type"] == "RUN_STARTED"
    opened: set[tuple[str, str]] = set()
    for event in stream:
        assert_ag_ui(event)
        assert_nested(event, opened)
    assert not opened
    replayed = [event for event in stream if event["metadata"]["coda"].get("replay")]
    assert {event["metadata"]["coda"]["seq"] for event in replayed} == {after}
    fresh = [event["metadata"]["coda"]["seq"] for event in stream[len(replayed) :]]
    assert fresh == list(range(after + 1, after + 1 + len(fresh)))
