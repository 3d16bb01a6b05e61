"""Sends frames and notes to Redis Streams, in batches, in the background."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from coda.core.tasks import unbroken
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.port import Note
from coda.runs.stream.hub.redis_keys import FRAME_FIELD, NOTE_FIELD, NOTES_KEY, dump_note, entry_id, run_key
from coda.runs.types import RunKey

Command = tuple[str | bytes | int, ...]

_QUEUE_LIMIT = 20_000
_BATCH = 500
_STREAM_LENGTH = 1_000
_KEPT_SECONDS = 600
_KEPT_AFTER_END_SECONDS = 60
_RENEW_SECONDS = 120
_PAUSE_AFTER_LOSS = 0.25
_logger = structlog.get_logger(__name__)


class RedisPublisher:
    """One pipeline after the other. What Redis does not take is dropped: the reader finds it in Postgres.

    Notes are nowhere else: those go to `hear`, so that at least this process knows of them.
    """

    def __init__(self, client: Redis, hear: Callable[[Note], None]) -> None:
        self._client, self._hear = client, hear
        self._queue: deque[Command | Note] = deque(maxlen=_QUEUE_LIMIT)
        self._waiting = asyncio.Event()
        self._renewed: dict[RunKey, float] = {}

    def add_frames(self, run: RunKey, frames: Sequence[Frame]) -> None:
        """Append frames to the run's stream."""
        key = run_key(run)
        for frame in frames:
            self._queue.append(("XADD", key, "MAXLEN", "~", _STREAM_LENGTH, entry_id(frame), FRAME_FIELD, frame.text))
        now = time.monotonic()
        if now - self._renewed.get(run, -_RENEW_SECONDS) >= _RENEW_SECONDS:
            self._renewed[run] = now
            self._queue.append(("EXPIRE", key, _KEPT_SECONDS))
        self._waiting.set()

    def add_end(self, run: RunKey) -> None:
        """Let the run's stream go soon."""
        self._renewed.pop(run, None)
        self._queue.append(("EXPIRE", run_key(run), _KEPT_AFTER_END_SECONDS))
        self._waiting.set()

    def add_note(self, note: Note) -> None:
        """Append a note to the stream of notes."""
        self._queue.append(note)
        self._waiting.set()

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            while self._queue:
                batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
                with unbroken(_logger, "redis_hub.publish_broken", commands=len(batch)):  # readers find it in Postgres
                    await self._send(batch)

    async def _send(self, commands: Sequence[Command | Note]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*(_noting(command) if isinstance(command, Note) else command))
        try:
            answers = await pipeline.execute(raise_on_error=False)
        except (RedisError, OSError) as error:
            _logger.warning("redis_hub.publish_lost", commands=len(commands), error=str(error))
            self._renewed.clear()
            for note in commands:
                if isinstance(note, Note):
                    self._hear(note)
            await asyncio.sleep(_PAUSE_AFTER_LOSS)
            return
        refused = [answer for answer in answers if isinstance(answer, ResponseError)]
        if refused:  # of a run that goes on elsewhere, or sent before: its watchers read Postgres
            _logger.info("redis_hub.refused", commands=len(refused), error=str(refused[0]))


def _noting(note: Note) -> Command:
    return ("XADD", NOTES_KEY, "MAXLEN", "~", _STREAM_LENGTH, "*", NOTE_FIELD, dump_note(note))
