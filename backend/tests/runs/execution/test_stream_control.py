"""The state machine of a stream: what is allowed, what is held, and that nothing is left behind."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coda.core.db import Database
from coda.core.ids import new_id
from coda.runs.execution.output.stream_control import BUFFER_LIMIT, TRANSITIONS, ControlState, StreamControl
from coda.runs.log import LogWriter, RunLog
from coda.runs.stream import events
from coda.runs.stream.hub.memory import MemoryHub
from tests.runs.claims import open_log, stored
from tests.runs.waiting import LONGEST

LONG, SHORT = timedelta(minutes=5), timedelta(milliseconds=20)
ACTIONS = st.lists(st.sampled_from(["pause", "resume", "stop", "close"]), max_size=8)


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[LogWriter]:
    made = LogWriter(database.system_engine, MemoryHub(), flush_interval=timedelta(milliseconds=5))
    made.start()
    yield made
    await made.close()


@pytest.fixture
async def log(database: Database, writer: LogWriter) -> RunLog:
    return await open_log(database, writer, org_id=new_id())


def control_over(log: RunLog, *, grace: timedelta = LONG) -> StreamControl:
    control = StreamControl(grace=grace)
    control.bind(log)
    return control


async def frames_of(database: Database, log: RunLog) -> list[dict[str, Any]]:
    return [orjson.loads(frame) for _, _, frame in await stored(database, log.key.run_id)]


def texts(frames: Sequence[dict[str, Any]]) -> str:
    return "".join(frame["delta"] for frame in frames if frame["type"] == events.TEXT_CONTENT)


class TestTransitions:
    @given(ACTIONS)
    def test_any_order_of_commands_stays_within_them(self, actions: list[str]) -> None:
        async def play() -> None:
            control = StreamControl(grace=LONG)
            for action in actions:
                before = control.state
                getattr(control, action)()
                passed = {before} | TRANSITIONS[before] | {ControlState.RUNNING}
                assert control.state in passed
            control.close()
            assert control.state is ControlState.CLOSED

        asyncio.run(play())

    async def test_the_end_is_final(self) -> None:
        control = StreamControl(grace=LONG)
        control.close()
        control.pause()
        control.resume()
        control.stop()
        assert control.state is ControlState.CLOSED

    async def test_twice_is_once(self, log: RunLog) -> None:
        control = control_over(log)
        control.pause()
        control.pause()
        assert control.metrics.pauses == 1
        control.resume()
        control.resume()
        assert control.state is ControlState.RUNNING


class TestHolding:
    async def test_what_is_said_in_a_pause_comes_after_it(self, database: Database, log: RunLog) -> None:
        control = control_over(log)
        control.append(events.text_start("m.1"))
        control.append_delta(events.TEXT_CONTENT, "m.1", "before ")
        await control.drained()
        control.pause()
        control.append_delta(events.TEXT_CONTENT, "m.1", "while ")
        control.append_delta(events.TEXT_CONTENT, "m.1", "paused ")
        control.append(events.text_end("m.1"))
        await log.drained()
        assert texts(await frames_of(database, log)) == "before "

        control.resume()
        control.append(events.step_finished("reason#1"))
        await control.drained()

        frames = await frames_of(database, log)
        assert texts(frames) == "before while paused "
        assert [frame["metadata"]["coda"]["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        assert [frame["type"] for frame in frames[-2:]] == ["TEXT_MESSAGE_END", "STEP_FINISHED"]

    async def test_a_turn_is_not_settled_in_a_pause(self, log: RunLog) -> None:
        control = control_over(log)
        control.pause()
        settling = asyncio.create_task(control.drained())
        await asyncio.sleep(0)
        assert not settling.done()
        control.resume()
        await asyncio.wait_for(settling, LONGEST)

    async def test_the_model_is_not_read_on_when_much_is_held(self, log: RunLog) -> None:
        control = control_over(log)
        control.pause()
        control.append_delta(events.TEXT_CONTENT, "m.1", "x" * BUFFER_LIMIT)
        reading = asyncio.create_task(control.ready())
        await asyncio.sleep(0)
        assert not reading.done()
        control.resume()
        await asyncio.wait_for(reading, LONGEST)
        assert control.metrics.most_buffered == BUFFER_LIMIT

    async def test_what_is_held_at_the_end_belongs_to_the_end(self, database: Database, log: RunLog) -> None:
        control = control_over(log)
        control.pause()
        control.append_delta(events.TEXT_CONTENT, "m.1", "held")
        frames = await control.seal()
        assert texts([orjson.loads(text) for _, text in frames]) == "held"
        assert control.state is ControlState.STOPPING

    async def test_closing_forgets_what_was_never_seen(self, database: Database, log: RunLog) -> None:
        control = control_over(log)
        control.pause()
        control.append_delta(events.TEXT_CONTENT, "m.1", "held")
        control.close()
        await log.drained()
        assert await frames_of(database, log) == []


class TestBoundary:
    async def test_nobody_waits_without_a_pause(self, log: RunLog) -> None:
        assert await control_over(log).boundary() is False

    async def test_a_resumed_run_goes_on(self, log: RunLog) -> None:
        control = control_over(log)
        control.pause()
        waiting = asyncio.create_task(control.boundary())
        await asyncio.sleep(0)
        assert not waiting.done()
        control.resume()
        assert await asyncio.wait_for(waiting, LONGEST) is False

    async def test_a_long_pause_interrupts(self, log: RunLog) -> None:
        control = control_over(log, grace=SHORT)
        control.pause()
        assert await asyncio.wait_for(control.boundary(), LONGEST) is True
        assert control.state is ControlState.INTERRUPTING

    async def test_resuming_in_time_takes_the_interrupt_back(self, log: RunLog) -> None:
        control = control_over(log, grace=SHORT)
        control.pause()
        await asyncio.wait_for(control.boundary(), LONGEST)
        control.resume()
        assert await control.boundary() is False

    async def test_an_interrupting_stream_passes_on_what_is_too_much(self, database: Database, log: RunLog) -> None:
        control = control_over(log, grace=SHORT)
        control.pause()
        control.append_delta(events.TEXT_CONTENT, "m.1", "x" * BUFFER_LIMIT)
        await asyncio.wait_for(control.ready(), LONGEST)
        await log.drained()
        assert len(texts(await frames_of(database, log))) == BUFFER_LIMIT


class TestMetrics:
    async def test_speed_and_gaps(self, log: RunLog) -> None:
        control = control_over(log)
        for at_ms in (100, 150, 400):
            control.metrics.count(at_ms)
        assert control.metrics.first_delta_ms == 100
        assert control.metrics.longest_gap_ms == 250
        assert control.metrics.deltas_per_second == pytest.approx(2 / 0.3)
