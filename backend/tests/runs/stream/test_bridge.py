"""What a hub loses, a reader finds in Postgres."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import orjson
import pytest

from coda.assembly import Process
from coda.runs.connections.feed import RunFeed, open_feed
from coda.runs.log import LogWriter, RunLog
from coda.runs.models import Run, RunEvent
from coda.runs.stream.attach import RunStreams
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import MAILBOX_LIMIT
from coda.runs.stream.hub.memory import MemoryHub
from coda.runs.stream.hub.port import Hub
from coda.runs.stream.hub.redis import RedisHub
from coda.runs.types import RunKey
from tests.contract.reducer import MessageState
from tests.contract.rules import assert_ordered
from tests.redis_server import RedisServer
from tests.runs.claims import begin, end, open_staged, say, stage_run
from tests.runs.conftest import Person
from tests.runs.waiting import LONGEST, until_async

FLUSH = timedelta(milliseconds=5)


class Relay:
    """A writer and readers around one hub."""

    def __init__(self, process: Process, hub: Hub) -> None:
        self.hub = hub
        self.writer = LogWriter(process.database.system_engine, hub, flush_interval=FLUSH)
        self.streams = RunStreams(process.database, hub, process.settings.runs)

    async def stage(self, person: Person) -> tuple[Run, RunLog]:
        run = await stage_run(person)
        return run, open_staged(self.writer, run)


async def read(feed: RunFeed, events: list[dict[str, object]]) -> None:
    """Everything to the end."""
    async with asyncio.timeout(LONGEST):
        async for frames in feed.frames():
            events += [orjson.loads(frame.text) for frame in frames]
    feed.close()


def text_of(events: list[dict[str, object]]) -> str:
    return str(MessageState().apply_all(events).parts[0]["text"])


class TestRedisLost:
    @pytest.fixture
    async def relay(self, process: Process, redis_server: RedisServer) -> AsyncIterator[Relay]:
        hub = RedisHub(redis_server.url)
        await hub.start()
        made = Relay(process, hub)
        made.writer.start()
        yield made
        await made.writer.close()
        await hub.close()

    async def test_a_run_is_followed_through_a_loss(
        self, relay: Relay, person: Person, redis_server: RedisServer
    ) -> None:
        run, log = await relay.stage(person)
        events: list[dict[str, object]] = []
        feed = await open_feed(relay.streams, person.scope, run.id)
        reading = asyncio.create_task(read(feed, events))

        begin(log, run)
        say(log, run, "before ")
        await log.drained()
        redis_server.stop(signal.SIGKILL)
        say(log, run, "while it is away ")
        await log.drained()
        await until_async(lambda: _has_read(events, "while it is away "))
        redis_server.start()
        await until_async(relay.hub.is_well)
        say(log, run, "after ")
        await log.drained()
        end(log, run)
        await log.drained()
        await reading

        assert_ordered(events, after=0, ended=True)
        assert text_of(events) == "before while it is away after "

    async def test_an_end_that_is_lost_is_found(self, relay: Relay, person: Person, redis_server: RedisServer) -> None:
        run, log = await relay.stage(person)
        begin(log, run)
        say(log, run, "all")
        await log.drained()
        events: list[dict[str, object]] = []
        feed = await open_feed(relay.streams, person.scope, run.id)
        reading = asyncio.create_task(read(feed, events))

        redis_server.stop(signal.SIGKILL)
        end(log, run)
        await log.drained()
        await reading

        assert_ordered(events, after=0, ended=True)


class LossyHub(MemoryHub):
    """Drops every other publication."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def publish(self, run: RunKey, frames: Sequence[Frame]) -> None:
        self._count += 1
        if self._count % 2:
            super().publish(run, frames)


class TestAGap:
    @pytest.fixture
    async def relay(self, process: Process) -> AsyncIterator[Relay]:
        made = Relay(process, LossyHub())
        made.writer.start()
        yield made
        await made.writer.close()

    async def test_is_filled_in_order(self, relay: Relay, person: Person) -> None:
        run, log = await relay.stage(person)
        events: list[dict[str, object]] = []
        feed = await open_feed(relay.streams, person.scope, run.id)
        reading = asyncio.create_task(read(feed, events))

        begin(log, run)
        for word in range(40):
            say(log, run, f"{word} ")
            await log.drained()
        end(log, run)
        await log.drained()
        relay.hub.publish(run.key, ())
        relay.hub.publish(run.key, ())
        await reading

        assert_ordered(events, after=0, ended=True)
        assert text_of(events) == "".join(f"{word} " for word in range(40))


class TestAnEndThatWasStoredAndNotSent:
    async def test_is_found_when_the_log_is_closed(self, process: Process, person: Person) -> None:
        relay = Relay(process, MemoryHub())
        relay.writer.start()
        run, log = await relay.stage(person)
        begin(log, run)
        await log.drained()
        events: list[dict[str, object]] = []
        feed = await open_feed(relay.streams, person.scope, run.id)
        reading = asyncio.create_task(read(feed, events))
        end(log, run)
        frames = await log.seal()
        async with process.database.transaction(person.scope) as db:
            db.add_all(
                RunEvent(org_id=person.scope.org_id, run_id=run.id, seq=seq, fence=1, frame=frame)
                for seq, frame in frames
            )

        log.close()
        await reading

        assert_ordered(events, after=0, ended=True)
        await relay.writer.close()


class TestAReaderWhoIsBehind:
    async def test_catches_up_from_postgres(self, process: Process, person: Person) -> None:
        relay = Relay(process, MemoryHub())
        relay.writer.start()
        run, log = await relay.stage(person)
        feed = await open_feed(relay.streams, person.scope, run.id)
        begin(log, run)
        for word in range(MAILBOX_LIMIT + 10):
            log.append({"type": "CUSTOM", "name": "coda.none", "value": word})
        end(log, run)
        await log.drained()

        events: list[dict[str, object]] = []
        await read(feed, events)

        assert_ordered(events, after=0, ended=True)
        await relay.writer.close()

    async def test_a_double_delivery_is_dropped(self, process: Process, person: Person) -> None:
        relay = Relay(process, MemoryHub())
        relay.writer.start()
        run, log = await relay.stage(person)
        begin(log, run)
        await log.drained()
        feed = await open_feed(relay.streams, person.scope, run.id)

        relay.hub.publish(run.key, [Frame(2, 1, "again"), Frame(3, 1, "again")])
        say(log, run, "x")
        end(log, run)
        await log.drained()
        events: list[dict[str, object]] = []
        await read(feed, events)

        assert_ordered(events, after=0, ended=True)
        await relay.writer.close()


async def _has_read(events: list[dict[str, object]], text: str) -> bool:
    return any(text in str(event.get("delta")) for event in events)
