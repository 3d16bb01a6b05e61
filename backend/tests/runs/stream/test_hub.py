"""One contract for both hubs: what is published is delivered, in order, to whoever watches."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis

from coda.core.ids import new_id
from coda.core.redis import connect_redis
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import MAILBOX_LIMIT, Mailbox
from coda.runs.stream.hub.memory import MemoryHub
from coda.runs.stream.hub.port import Hub, Note
from coda.runs.stream.hub.redis import RedisHub
from coda.runs.stream.hub.redis_keys import run_key
from coda.runs.types import RunKey
from tests.runs.waiting import LONGEST, until, until_async


def new_run() -> RunKey:
    return RunKey(new_id(), new_id())


def frames(*seqs: int, fence: int = 1) -> list[Frame]:
    return [Frame(seq, fence, f'{{"type":"CUSTOM","seq":{seq}}}') for seq in seqs]


async def taken(mailbox: Mailbox, count: int) -> list[tuple[UUID, int]]:
    """The first `count` frames in a mailbox, as (run, seq)."""
    seen: list[tuple[UUID, int]] = []
    async with asyncio.timeout(LONGEST):
        while len(seen) < count:
            seen += [(run_id, frame.seq) for run_id, part in await mailbox.take() for frame in part]
    return seen


@pytest.fixture(params=["memory", "redis"])
async def hub(request: pytest.FixtureRequest) -> AsyncIterator[Hub]:
    made: Hub = MemoryHub() if request.param == "memory" else RedisHub(request.getfixturevalue("redis_url"))
    await made.start()
    await until_async(made.is_well)
    yield made
    await made.close()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    client = connect_redis(redis_url)
    yield client
    await client.aclose()


class TestPublish:
    async def test_watchers_get_the_frames_in_order(self, hub: Hub) -> None:
        run = new_run()
        first, second = Mailbox(), Mailbox()
        await hub.subscribe(run, first)
        await hub.subscribe(run, second)

        hub.publish(run, frames(1, 2))
        hub.publish(run, frames(3))

        wanted = [(run.run_id, 1), (run.run_id, 2), (run.run_id, 3)]
        assert await taken(first, 3) == wanted
        assert await taken(second, 3) == wanted

    async def test_one_mailbox_can_watch_many_runs(self, hub: Hub) -> None:
        one, other = new_run(), new_run()
        mailbox = Mailbox()
        await hub.subscribe(one, mailbox)
        await hub.subscribe(other, mailbox)

        hub.publish(one, frames(1))
        hub.publish(other, frames(1))

        assert set(await taken(mailbox, 2)) == {(one.run_id, 1), (other.run_id, 1)}

    async def test_the_same_id_in_another_organization_is_another_run(self, hub: Hub) -> None:
        mine = new_run()
        theirs = RunKey(new_id(), mine.run_id)
        my_mailbox, their_mailbox = Mailbox(), Mailbox()
        await hub.subscribe(mine, my_mailbox)
        await hub.subscribe(theirs, their_mailbox)

        hub.publish(mine, frames(1))
        hub.publish(theirs, frames(2))

        assert await taken(my_mailbox, 1) == [(mine.run_id, 1)]
        assert await taken(their_mailbox, 1) == [(mine.run_id, 2)]

    async def test_other_runs_and_earlier_frames_are_not_delivered(self, hub: Hub) -> None:
        run = new_run()
        early, late = Mailbox(), Mailbox()
        await hub.subscribe(run, early)
        hub.publish(run, frames(1))
        await taken(early, 1)

        await hub.subscribe(run, late)
        hub.publish(new_run(), frames(7))
        hub.publish(run, frames(2))

        assert await taken(late, 1) == [(run.run_id, 2)]

    async def test_many_subscribing_at_once_miss_nothing(self, hub: Hub) -> None:
        runs = [new_run() for _ in range(40)]
        mailbox = Mailbox()

        async def watch(run: RunKey) -> None:
            await hub.subscribe(run, mailbox)
            hub.publish(run, frames(1))

        await asyncio.gather(*(watch(run) for run in runs))

        assert {run_id for run_id, _ in await taken(mailbox, 40)} == {run.run_id for run in runs}

    async def test_nothing_comes_after_closing(self, hub: Hub) -> None:
        run = new_run()
        gone, here = Mailbox(), Mailbox()
        subscription = await hub.subscribe(run, gone)
        await hub.subscribe(run, here)

        subscription.close()
        subscription.close()
        hub.publish(run, frames(1))
        await taken(here, 1)
        gone.put(run.run_id, frames(99))

        assert await taken(gone, 1) == [(run.run_id, 99)]

    async def test_a_full_mailbox_stops_only_itself(self, hub: Hub) -> None:
        run = new_run()
        stuck, reading = Mailbox(), Mailbox(limit=10 * MAILBOX_LIMIT)
        await hub.subscribe(run, stuck)
        await hub.subscribe(run, reading)

        for seq in range(1, MAILBOX_LIMIT + 2):
            hub.publish(run, frames(seq))
        await taken(reading, MAILBOX_LIMIT + 1)

        assert stuck.has_overflowed
        assert await stuck.take() == []


class TestNote:
    async def test_every_listener_hears_it(self, hub: Hub) -> None:
        note = Note(org_id=new_id(), user_id=new_id(), topic="session", id=new_id(), change="updated")
        heard: list[Note] = []
        hub.listen(heard.append)
        stop = hub.listen(heard.append)

        hub.note(note)
        await until(lambda: len(heard) == 2)
        stop()
        hub.note(note)
        await until(lambda: len(heard) == 3)

        assert heard == [note, note, note]


class TestRedisStreams:
    async def test_entries_are_named_by_fence_and_seq(self, redis_url: str, redis: Redis) -> None:
        hub = RedisHub(redis_url)
        await hub.start()
        run = new_run()

        hub.publish(run, frames(1, 2))
        hub.publish(run, frames(3, fence=2))
        hub.publish(run, frames(3, 4, fence=1))
        hub.publish(run, frames(4, fence=2))
        key = run_key(run)
        await until_async(lambda: _has_length(redis, key, 4))

        entries: Any = await redis.xrange(key)
        assert [entry for entry, _ in entries] == [b"1-1", b"1-2", b"2-3", b"2-4"]
        assert 0 < await redis.ttl(key) <= 600
        await hub.close()

    async def test_a_stream_goes_soon_after_the_end(self, redis_url: str, redis: Redis) -> None:
        hub = RedisHub(redis_url)
        await hub.start()
        run = new_run()

        hub.publish(run, frames(1))
        hub.ended(run)

        async def expires_soon() -> bool:
            return 0 < await redis.ttl(run_key(run)) <= 60

        await until_async(expires_soon)
        await hub.close()

    async def test_frames_and_notes_cross_processes(self, redis_url: str) -> None:
        here, there = RedisHub(redis_url), RedisHub(redis_url)
        await here.start()
        await there.start()
        run, mailbox = new_run(), Mailbox()
        heard: list[Note] = []
        there.listen(heard.append)
        await there.subscribe(run, mailbox)

        here.publish(run, frames(1))

        assert await _first_seq(mailbox) == 1
        note = Note(org_id=new_id(), user_id=new_id(), topic="run", id=run.run_id, change="finished")
        await until_async(here.is_well)
        here.note(note)
        await until(lambda: heard == [note])
        await here.close()
        await there.close()


async def _has_length(redis: Redis, key: bytes, length: int) -> bool:
    return int(await redis.xlen(key)) >= length


async def _first_seq(mailbox: Mailbox) -> int:
    return (await taken(mailbox, 1))[0][1]
