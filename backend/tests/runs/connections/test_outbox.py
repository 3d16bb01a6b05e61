"""The order in which a socket is told things."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest

from coda.assembly import Process
from coda.core.ids import new_id
from coda.core.scope import Person, Scope
from coda.runs.connections.outbox import Outbox
from coda.runs.stream.attach import Attachment
from coda.runs.stream.follower import Follower
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import MAILBOX_LIMIT
from coda.runs.types import RunKey
from tests.runs.waiting import LONGEST

SCOPE = Scope(new_id(), Person(new_id()))


class Slow(Exception):
    """The outbox says that its reader is too slow."""


def slow() -> None:
    raise Slow


@pytest.fixture
def outbox(process: Process) -> Outbox:
    return Outbox(process.streams, on_overflow=slow)


def frame(seq: int, size: int = 0) -> Frame:
    return Frame(seq, 1, orjson.dumps({"type": "CUSTOM", "seq": seq, "filling": "x" * size}).decode())


def key_of(run_id: UUID) -> RunKey:
    return RunKey(SCOPE.org_id, run_id)


async def attached(process: Process, outbox: Outbox, *, last_seq: int = 0) -> Attachment:
    """An attachment that the outbox expects."""
    run_id = new_id()
    outbox.expect(run_id)
    subscription = await process.hub.subscribe(key_of(run_id), outbox.mailbox)
    return Attachment({"id": str(run_id)}, (), Follower(run_id, last_seq=last_seq), subscription)


async def taken(outbox: Outbox) -> list[Any]:
    messages = await asyncio.wait_for(outbox.take(SCOPE), LONGEST)
    return [orjson.loads(message) for message in messages]


class TestOutbox:
    async def test_what_a_run_says_before_its_ack_is_held_back(self, process: Process, outbox: Outbox) -> None:
        attachment = await attached(process, outbox)
        run_id = attachment.follower.run_id
        process.hub.publish(key_of(run_id), [frame(1)])
        assert await taken(outbox) == []

        outbox.open('"ack"', attachment)
        process.hub.publish(key_of(run_id), [frame(2), frame(3)])
        messages = await taken(outbox)

        assert messages[0] == "ack"
        assert messages[1]["seq"] == 1
        assert [event["seq"] for event in messages[2]] == [2, 3]

    async def test_a_run_detached_before_its_opening_is_not_followed(self, process: Process, outbox: Outbox) -> None:
        attachment = await attached(process, outbox)
        outbox.open('"ack"', attachment)
        outbox.detach(attachment.follower.run_id)
        process.hub.publish(key_of(attachment.follower.run_id), [frame(1)])

        assert await taken(outbox) == ["ack"]
        assert outbox.followed == 0

    async def test_who_follows_a_run_goes_on_where_another_opening_is_refused(
        self, process: Process, outbox: Outbox
    ) -> None:
        attachment = await attached(process, outbox)
        run_id = attachment.follower.run_id
        outbox.open('"ack"', attachment)
        for _ in range(2):  # once before the opening is sent, once after it
            outbox.expect(run_id)
            outbox.give_up(run_id)
            await taken(outbox)
        process.hub.publish(key_of(run_id), [frame(1)])

        events: list[Any] = []
        while not events:
            events = await taken(outbox)
        assert [event["seq"] for event in events] == [1]

    async def test_another_opening_takes_the_place_of_the_first(self, process: Process, outbox: Outbox) -> None:
        first = await attached(process, outbox)
        run_id = first.follower.run_id
        outbox.open('"ack"', first)
        await taken(outbox)
        outbox.expect(run_id)
        subscription = await process.hub.subscribe(key_of(run_id), outbox.mailbox)
        outbox.open('"again"', Attachment({}, (), Follower(run_id, last_seq=0), subscription))
        process.hub.publish(key_of(run_id), [frame(1)])

        messages = await taken(outbox)
        assert messages[0] == "again"
        assert [event["seq"] for event in messages[1:]] == [1]
        assert outbox.followed == 1
        outbox.detach(run_id)
        process.hub.publish(key_of(run_id), [frame(2)])
        outbox.mailbox.wake()
        assert await outbox.mailbox.take() == []

    async def test_many_events_become_several_messages(self, process: Process, outbox: Outbox) -> None:
        attachment = await attached(process, outbox)
        outbox.open('"ack"', attachment)
        process.hub.publish(key_of(attachment.follower.run_id), [frame(seq, size=50_000) for seq in range(1, 8)])

        messages = await taken(outbox)

        assert [[event["seq"] for event in message] for message in messages[1:]] == [[1, 2], [3, 4], [5, 6], [7]]

    async def test_a_run_that_says_too_much_before_its_ack_is_too_much(self, process: Process, outbox: Outbox) -> None:
        attachment = await attached(process, outbox)
        for seq in range(1, MAILBOX_LIMIT + 1):
            process.hub.publish(key_of(attachment.follower.run_id), [frame(seq)])
            await taken(outbox)

        process.hub.publish(key_of(attachment.follower.run_id), [frame(MAILBOX_LIMIT + 1)])
        with pytest.raises(Slow):
            await taken(outbox)

    async def test_too_many_replies_are_too_much(self, outbox: Outbox) -> None:
        for _ in range(MAILBOX_LIMIT):
            outbox.reply('"pong"')

        with pytest.raises(Slow):
            outbox.reply('"pong"')

    async def test_commands_wait_while_replies_do(self, outbox: Outbox) -> None:
        for _ in range(20):
            outbox.reply('"pong"')
        waiting = asyncio.create_task(outbox.room())
        await asyncio.sleep(0)
        assert not waiting.done()

        await taken(outbox)
        await asyncio.wait_for(waiting, LONGEST)

    async def test_closing_lets_go_of_every_run(self, process: Process, outbox: Outbox) -> None:
        opened, waiting = [await attached(process, outbox) for _ in range(2)]
        outbox.open('"ack"', opened)
        await taken(outbox)
        outbox.open('"ack"', waiting)

        outbox.close()

        assert outbox.followed <= 1
        for attachment in (opened, waiting):
            process.hub.publish(key_of(attachment.follower.run_id), [frame(1)])
        outbox.mailbox.wake()
        assert await outbox.mailbox.take() == []
