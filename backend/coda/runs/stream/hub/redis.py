"""The hub of many processes: Redis Streams carry frames and notes, Postgres fills what Redis loses."""

import asyncio
from collections.abc import Callable, Sequence

from redis.exceptions import RedisError

from coda.core.redis import connect_redis, connect_redis_reader
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.port import Note, NoteListener
from coda.runs.stream.hub.redis_publisher import RedisPublisher
from coda.runs.stream.hub.redis_reader import LONGEST_BLOCK, RedisReader
from coda.runs.stream.hub.watchers import Watchers, WatcherSubscription
from coda.runs.types import RunKey

_CANCEL_AGAIN = 0.1
"""Seconds. Before Python 3.12 `wait_for`, which redis-py stands on, may swallow a cancellation."""


class RedisHub:
    """One publisher and one reader per process."""

    def __init__(self, url: str) -> None:
        self._client = connect_redis(url)
        self._reading_client = connect_redis_reader(url, longest_block=LONGEST_BLOCK)
        self._watchers = Watchers()
        self._listeners: list[NoteListener] = []
        self._publisher = RedisPublisher(self._client, self._hear)
        self._reader = RedisReader(self._reading_client, self._watchers, self._hear)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to publish and read. Starts without Redis too, and finds it when it comes."""
        self._tasks = [
            asyncio.create_task(self._publisher.run(), name="redis-publisher"),
            asyncio.create_task(self._reader.run(), name="redis-reader"),
        ]
        await self._reader.tried()

    def publish(self, run: RunKey, frames: Sequence[Frame]) -> None:
        """Append the frames to the run's stream."""
        self._publisher.add_frames(run, frames)

    def ended(self, run: RunKey) -> None:
        """Let the run's stream go soon."""
        self._publisher.add_end(run)

    async def subscribe(self, run: RunKey, mailbox: Mailbox) -> WatcherSubscription:
        """Deliver this run's frames into the mailbox from now on, from whichever process they come."""
        subscription = self._watchers.add(run, mailbox)
        await self._reader.wake(self._client)
        if not self._reader.is_well:
            mailbox.put(run.run_id, ())
        return subscription

    def note(self, note: Note) -> None:
        """Tell every process; only this one while Redis is away."""
        if self._reader.is_well:
            self._publisher.add_note(note)
        else:
            self._hear(note)

    def listen(self, listener: NoteListener) -> Callable[[], None]:
        """Hear every note; gives the function that ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def is_well(self) -> bool:
        """Whether Redis answers."""
        try:
            return bool(await self._client.ping())
        except (RedisError, OSError):
            return False

    async def close(self) -> None:
        """Stop reading and publishing, and let the connections go."""
        while pending := [task for task in self._tasks if not task.done()]:
            for task in pending:
                task.cancel()
            await asyncio.wait(pending, timeout=_CANCEL_AGAIN)
        await self._client.aclose()
        await self._reading_client.aclose()

    def _hear(self, note: Note) -> None:
        for listener in tuple(self._listeners):
            listener(note)
