"""The log writer: numbers, merges, stores, and only then publishes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from coda.core.db import Database
from coda.core.ids import new_id
from coda.runs.errors import FencedOut
from coda.runs.log import LogWriter, RunLog
from coda.runs.log.run_log import BACKLOG_LIMIT
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.memory import MemoryHub
from tests.contract.rules import assert_ag_ui
from tests.runs.claims import claim, open_log, stored, take_over
from tests.runs.waiting import LONGEST, until_blocked

NEVER = timedelta(hours=1)
TEXT = "TEXT_MESSAGE_CONTENT"


@pytest.fixture
def org_id() -> UUID:
    return new_id()


@pytest.fixture
def hub() -> MemoryHub:
    return MemoryHub()


@pytest.fixture
async def writer(database: Database, hub: MemoryHub) -> AsyncIterator[LogWriter]:
    made = LogWriter(database.system_engine, hub, flush_interval=timedelta(milliseconds=30))
    made.start()
    yield made
    await made.close()


@pytest.fixture
async def patient(database: Database, hub: MemoryHub) -> AsyncIterator[LogWriter]:
    """A writer that flushes only when it is told to."""
    made = LogWriter(database.system_engine, hub, flush_interval=NEVER)
    made.start()
    yield made
    await made.close()


async def received(mailbox: Mailbox) -> list[str]:
    async with asyncio.timeout(LONGEST):
        return [frame.text for _, frames in await mailbox.take() for frame in frames]


def start(log: RunLog) -> None:
    log.append({"type": "TEXT_MESSAGE_START", "messageId": "m.1", "role": "assistant"})


class TestAppend:
    async def test_what_is_stored_is_what_is_sent(self, database: Database, writer: LogWriter, org_id: UUID) -> None:
        log = await open_log(database, writer, org_id=org_id)
        mailbox = Mailbox()
        await writer.hub.subscribe(log.key.run, mailbox)

        start(log)
        log.append_delta(TEXT, "m.1", 'naïve 🙂 \u0000\u001e, "quoted"')
        log.append({"type": "TEXT_MESSAGE_END", "messageId": "m.1", "timestamp": 5})
        await log.drained()

        rows = await stored(database, log.key.run_id)
        assert await received(mailbox) == [frame for _, _, frame in rows]
        assert [(seq, fence) for seq, fence, _ in rows] == [(1, 1), (2, 1), (3, 1)]
        events = [orjson.loads(frame) for _, _, frame in rows]
        assert events[1]["delta"] == 'naïve 🙂 \u0000\u001e, "quoted"'
        assert events[2]["timestamp"] == 5
        assert events[2]["metadata"]["coda"] == {
            "seq": 3,
            "run_id": str(log.key.run_id),
            "session_id": str(org_id),
        }
        for event in events:
            assert_ag_ui(event)

    async def test_metadata_of_an_event_is_kept(self, database: Database, writer: LogWriter, org_id: UUID) -> None:
        log = await open_log(database, writer, org_id=org_id)

        log.append({"type": "RUN_ERROR", "message": "no", "metadata": {"coda": {"details": {"a": 1}}}})
        await log.drained()

        [(_, _, frame)] = await stored(database, log.key.run_id)
        assert orjson.loads(frame)["metadata"]["coda"]["details"] == {"a": 1}
        assert frame.startswith('{"type":"RUN_ERROR"')

    async def test_half_a_surrogate_pair_does_not_stop_the_log(
        self, database: Database, writer: LogWriter, org_id: UUID
    ) -> None:
        log = await open_log(database, writer, org_id=org_id)

        log.append_delta(TEXT, "m.1", "a\ud83d")
        log.append({"type": "CUSTOM", "name": "coda.notice", "value": {"message": ["\udc00b"]}})
        await log.drained()

        first, second = (orjson.loads(frame) for _, _, frame in await stored(database, log.key.run_id))
        assert first["delta"] == "a\ufffd"
        assert second["value"] == {"message": ["\ufffdb"]}

    async def test_an_interval_is_enough(self, database: Database, writer: LogWriter, org_id: UUID) -> None:
        log = await open_log(database, writer, org_id=org_id)
        mailbox = Mailbox()
        await writer.hub.subscribe(log.key.run, mailbox)

        start(log)

        assert len(await received(mailbox)) == 1


class TestAppendDelta:
    async def test_neighbours_merge_until_the_flush(self, database: Database, patient: LogWriter, org_id: UUID) -> None:
        log = await open_log(database, patient, org_id=org_id)
        log.append_delta(TEXT, "m.1", "first")
        await log.drained()

        for piece in ("a", "b", "", "c"):
            log.append_delta(TEXT, "m.1", piece)
        log.append_delta("TOOL_CALL_ARGS", "t1", "{")
        log.append_delta("TOOL_CALL_ARGS", "t2", "[")
        log.append_delta("TOOL_CALL_ARGS", "t2", "]")
        start(log)
        log.append_delta(TEXT, "m.1", "d")
        assert log.last_seq == 6
        await log.drained()

        events = [orjson.loads(frame) for _, _, frame in await stored(database, log.key.run_id)]
        assert [event.get("delta") for event in events] == ["first", "abc", "{", "[]", None, "d"]
        assert [event["metadata"]["coda"]["seq"] for event in events] == [1, 2, 3, 4, 5, 6]
        assert [event.get("toolCallId") for event in events[2:4]] == ["t1", "t2"]

    async def test_the_first_token_does_not_wait(self, database: Database, patient: LogWriter, org_id: UUID) -> None:
        log = await open_log(database, patient, org_id=org_id)
        mailbox = Mailbox()
        await patient.hub.subscribe(log.key.run, mailbox)

        start(log)
        log.append_delta(TEXT, "m.1", "first")

        assert len(await received(mailbox)) == 2

    async def test_a_token_after_a_quiet_interval_does_not_wait_for_others(
        self, database: Database, hub: MemoryHub, org_id: UUID
    ) -> None:
        writer = LogWriter(database.system_engine, hub, flush_interval=timedelta(seconds=1))
        writer.start()
        log = await open_log(database, writer, org_id=org_id)
        mailbox = Mailbox()
        await hub.subscribe(log.key.run, mailbox)
        log.append_delta(TEXT, "m.1", "first")
        await log.drained()
        await received(mailbox)
        await asyncio.sleep(1)
        began = asyncio.get_running_loop().time()

        log.append_delta(TEXT, "m.1", "second")
        [second] = await received(mailbox)
        arrived = asyncio.get_running_loop().time()
        await writer.close()

        assert '"delta":"second"' in second
        assert arrived - began < 0.9

    async def test_a_token_soon_after_a_flush_waits_for_those_that_follow(
        self, database: Database, patient: LogWriter, org_id: UUID
    ) -> None:
        log = await open_log(database, patient, org_id=org_id)
        log.append_delta(TEXT, "m.1", "first")
        await log.drained()

        log.append_delta(TEXT, "m.1", "second")
        await asyncio.sleep(0.1)
        log.append_delta(TEXT, "m.1", " third")
        await log.drained()

        rows = await stored(database, log.key.run_id)
        assert [orjson.loads(frame)["delta"] for _, _, frame in rows] == ["first", "second third"]


class TestManyRuns:
    async def test_each_is_numbered_by_itself(self, database: Database, writer: LogWriter, org_id: UUID) -> None:
        logs = [await open_log(database, writer, org_id=org_id, first_seq=first) for first in (1, 1, 40)]

        for turn in range(50):
            for log in logs:
                log.append_delta(TEXT, f"m.{turn}", "x")
            await asyncio.sleep(0)
        await asyncio.gather(*(log.drained() for log in logs))

        for log, first in zip(logs, (1, 1, 40), strict=True):
            rows = await stored(database, log.key.run_id)
            assert [seq for seq, _, _ in rows] == list(range(first, first + 50))


class TestFence:
    async def test_a_run_taken_over_is_stopped_and_the_others_go_on(
        self, database: Database, writer: LogWriter, org_id: UUID
    ) -> None:
        lost, kept = [await open_log(database, writer, org_id=org_id) for _ in range(2)]
        start(lost)
        await lost.drained()
        mailbox = Mailbox()
        await writer.hub.subscribe(lost.key.run, mailbox)
        await take_over(database, lost.key.run_id)

        start(lost)
        start(kept)
        await kept.drained()
        await asyncio.wait_for(lost.fenced.wait(), LONGEST)

        with pytest.raises(FencedOut):
            await lost.drained()
        with pytest.raises(FencedOut):
            await lost.seal()
        start(lost)
        lost.append_delta(TEXT, "m.1", "x")
        start(kept)
        await kept.drained()
        assert [seq for seq, _, _ in await stored(database, lost.key.run_id)] == [1]
        assert len(await stored(database, kept.key.run_id)) == 2
        mailbox.put(lost.key.run_id, ())
        assert await received(mailbox) == []

    async def test_a_takeover_under_way_is_waited_for(
        self, database: Database, writer: LogWriter, org_id: UUID
    ) -> None:
        log = await open_log(database, writer, org_id=org_id)
        async with database.transaction(None) as db:
            await db.execute(text("update run_queue set fence = 2 where run_id = :run_id"), {"run_id": log.key.run_id})
            start(log)
            waiting = asyncio.create_task(log.drained())
            await until_blocked(database)
        with pytest.raises(FencedOut):
            await asyncio.wait_for(waiting, LONGEST)

        assert await stored(database, log.key.run_id) == []

    async def test_a_run_gone_from_the_queue_is_fenced_out(
        self, database: Database, writer: LogWriter, org_id: UUID
    ) -> None:
        run_id = new_id()
        log = writer.register(run_id=run_id, org_id=org_id, session_id=org_id, fence=1, first_seq=1)

        start(log)

        with pytest.raises(FencedOut):
            await asyncio.wait_for(log.drained(), LONGEST)


class TestRefusedFrames:
    async def test_one_run_numbered_wrongly_does_not_stop_the_others(
        self, database: Database, patient: LogWriter, org_id: UUID
    ) -> None:
        run_id = await claim(database, org_id=org_id)
        key = {"run_id": run_id, "org_id": org_id, "session_id": org_id, "fence": 1}
        before = patient.register(**key, first_seq=1)  # type: ignore[arg-type]  # the keys are named right
        start(before)
        await before.drained()
        before.close()

        broken = patient.register(**key, first_seq=1)  # type: ignore[arg-type]  # the keys are named right
        healthy = await open_log(database, patient, org_id=org_id)
        start(broken)
        start(broken)
        start(healthy)
        await asyncio.wait_for(healthy.drained(), LONGEST)

        assert broken.fenced.is_set()
        assert len(await stored(database, run_id)) == 1
        assert len(await stored(database, healthy.key.run_id)) == 1


class TestReady:
    async def test_the_model_waits_while_the_database_is_slow(
        self, database: Database, writer: LogWriter, org_id: UUID
    ) -> None:
        log = await open_log(database, writer, org_id=org_id)
        async with database.transaction(None) as db:
            await db.execute(text("select 1 from run_queue where run_id = :id for update"), {"id": log.key.run_id})
            log.append_delta(TEXT, "m.1", "x" * BACKLOG_LIMIT)
            waiting = asyncio.create_task(log.ready())
            await until_blocked(database)
            log.append_delta(TEXT, "m.1", "y")
            assert not waiting.done()
        await asyncio.wait_for(waiting, LONGEST)
        await log.drained()

        assert len(await stored(database, log.key.run_id)) == 2


class TestSeal:
    async def test_closing_frames_are_handed_over(self, database: Database, patient: LogWriter, org_id: UUID) -> None:
        log = await open_log(database, patient, org_id=org_id)
        start(log)
        log.append_delta(TEXT, "m.1", "said")
        mailbox = Mailbox()
        await patient.hub.subscribe(log.key.run, mailbox)
        await log.drained()
        log.append_delta(TEXT, "m.1", " more")
        log.append({"type": "TEXT_MESSAGE_END", "messageId": "m.1"})
        log.append({"type": "RUN_FINISHED", "threadId": "s", "runId": "r"})

        frames = await log.seal()

        assert [seq for seq, _ in frames] == [3, 4, 5]
        assert log.last_seq == 5
        assert len(await stored(database, log.key.run_id)) == 2
        await received(mailbox)
        log.publish_stored(frames)
        assert await received(mailbox) == [frame for _, frame in frames]
        await log.drained()
        log.close()

    async def test_what_is_under_way_comes_first(self, database: Database, writer: LogWriter, org_id: UUID) -> None:
        log = await open_log(database, writer, org_id=org_id)
        async with database.transaction(None) as db:
            await db.execute(text("select 1 from run_queue where run_id = :id for update"), {"id": log.key.run_id})
            log.append_delta(TEXT, "m.1", "x")
            await until_blocked(database)
            log.append({"type": "RUN_FINISHED", "threadId": "s", "runId": "r"})
            sealing = asyncio.create_task(log.seal())
        frames = await asyncio.wait_for(sealing, LONGEST)

        assert [seq for seq, _ in frames] == [2]
        assert [seq for seq, _, _ in await stored(database, log.key.run_id)] == [1]

    async def test_the_end_never_goes_out_with_the_next_flush(
        self, database: Database, writer: LogWriter, org_id: UUID
    ) -> None:
        log, other = [await open_log(database, writer, org_id=org_id) for _ in range(2)]
        async with database.transaction(None) as db:
            await db.execute(text("select 1 from run_queue where run_id = :id for update"), {"id": log.key.run_id})
            log.append_delta(TEXT, "m.1", "x")
            await until_blocked(database)
            log.append({"type": "RUN_FINISHED", "threadId": "s", "runId": "r"})
            sealing = asyncio.create_task(log.seal())
            other.append_delta(TEXT, "m.1", "x")  # wakes the writer for its next flush
        frames = await asyncio.wait_for(sealing, LONGEST)
        await other.drained()

        assert [seq for seq, _ in frames] == [2]
        assert [seq for seq, _, _ in await stored(database, log.key.run_id)] == [1]


class TestClose:
    async def test_what_waits_is_stored(self, database: Database, hub: MemoryHub, org_id: UUID) -> None:
        writer = LogWriter(database.system_engine, hub, flush_interval=NEVER)
        writer.start()
        log = await open_log(database, writer, org_id=org_id)
        start(log)

        await writer.close()

        assert len(await stored(database, log.key.run_id)) == 1


class TestABusyWriter:
    async def test_takes_longer_so_that_more_tokens_share_an_event(
        self, database: Database, hub: MemoryHub, org_id: UUID
    ) -> None:
        interval = timedelta(milliseconds=200)
        writer = LogWriter(database.system_engine, hub, flush_interval=interval)
        writer.start()
        logs = [await open_log(database, writer, org_id=org_id) for _ in range(64)]
        for log in logs:
            start(log)
        await asyncio.gather(*(log.drained() for log in logs))
        mailbox = Mailbox()
        await hub.subscribe(logs[0].key.run, mailbox)
        began = asyncio.get_running_loop().time()

        logs[0].append({"type": "TEXT_MESSAGE_END", "messageId": "m.1"})
        await received(mailbox)

        assert asyncio.get_running_loop().time() - began >= 2.9 * interval.total_seconds()
        await writer.close()
