"""Redis goes away and comes back: watchers are told that they may have missed something."""

import asyncio
import signal
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from coda.core.ids import new_id
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.port import Note
from coda.runs.stream.hub.redis import RedisHub
from coda.runs.types import RunKey
from tests.redis_server import RedisServer
from tests.runs.waiting import LONGEST, until_async


def new_run() -> RunKey:
    return RunKey(new_id(), new_id())


@pytest.fixture
async def hub(redis_server: RedisServer) -> AsyncIterator[RedisHub]:
    made = RedisHub(redis_server.url)
    await made.start()
    yield made
    await made.close()


async def next_doubt(mailbox: Mailbox) -> UUID:
    """The run of the next delivery that says that frames may have been missed."""
    async with asyncio.timeout(LONGEST):
        while True:
            for run_id, frames in await mailbox.take():
                if not frames:
                    return run_id


class TestRedisLost:
    async def test_watchers_are_told_at_the_loss_and_after_it(self, hub: RedisHub, redis_server: RedisServer) -> None:
        run, mailbox = new_run(), Mailbox()
        await hub.subscribe(run, mailbox)

        redis_server.stop(signal.SIGKILL)
        assert await next_doubt(mailbox) == run.run_id
        assert not await hub.is_well()
        hub.publish(run, [Frame(1, 1, "{}")])
        redis_server.start()
        await until_async(hub.is_well)

        assert await next_doubt(mailbox) == run.run_id
        await _publish_until_delivered(hub, run, mailbox)

    async def test_one_can_subscribe_while_it_is_away(self, hub: RedisHub, redis_server: RedisServer) -> None:
        redis_server.stop()
        run, mailbox = new_run(), Mailbox()

        await hub.subscribe(run, mailbox)
        assert await next_doubt(mailbox) == run.run_id
        redis_server.start()

        await _publish_until_delivered(hub, run, mailbox)

    async def test_notes_still_reach_this_process(self, hub: RedisHub, redis_server: RedisServer) -> None:
        mailbox, heard = Mailbox(), list[Note]()
        await hub.subscribe(new_run(), mailbox)
        hub.listen(heard.append)
        redis_server.stop()
        await next_doubt(mailbox)
        note = Note(org_id=new_id(), user_id=new_id(), topic="session", id=new_id(), change="updated")

        hub.note(note)

        assert heard == [note]


async def _publish_until_delivered(hub: RedisHub, run: RunKey, mailbox: Mailbox) -> None:
    """Once Redis is back, frames arrive again; those sent while it was away need not."""
    for seq in range(2, 1_000):
        hub.publish(run, [Frame(seq, 1, "{}")])
        try:
            async with asyncio.timeout(0.1):
                deliveries = await mailbox.take()
        except TimeoutError:
            continue
        if any(frames for _, frames in deliveries):
            return
    raise AssertionError("Nothing was delivered after Redis came back.")
