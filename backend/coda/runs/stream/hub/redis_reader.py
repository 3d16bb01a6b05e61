"""Reads all streams that this process watches with one blocking XREAD."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coda.core.tasks import unbroken
from coda.runs.stream.hub.port import Note
from coda.runs.stream.hub.redis_keys import (
    NOTE_FIELD,
    NOTES_KEY,
    RUN_PREFIX,
    WAKE_FIELD,
    read_frame,
    read_note,
    run_key,
    run_of,
)
from coda.runs.stream.hub.watchers import Watchers
from coda.runs.types import RunKey

LONGEST_BLOCK = 1.0
_SILENCE = 5.0
_PAUSE_AFTER_LOSS = 0.5
_logger = structlog.get_logger(__name__)


class RedisReader:
    """Follows the streams of the watched runs, and the notes. After a loss, and after a long silence of a run,
    its watchers are told to look into Postgres."""

    def __init__(self, client: Redis, watchers: Watchers, hear: Callable[[Note], None]) -> None:
        self._client, self._watchers, self._hear = client, watchers, hear
        self._wake_key = f"coda:wake:{uuid4()}".encode()
        self._positions: dict[bytes, bytes] = {}
        self._heard: dict[RunKey, float] = {}
        self._known = asyncio.Event()
        self.is_well = False

    async def tried(self) -> None:
        """Return once the first attempt to reach Redis has succeeded or failed."""
        await self._known.wait()

    async def wake(self, client: Redis) -> None:
        """Make the reader look at the watched runs anew; returns once it reads them all, or cannot."""
        self._known.clear()
        if not self.is_well:
            return
        try:
            pipeline = client.pipeline(transaction=False)
            pipeline.xadd(self._wake_key, {WAKE_FIELD: b""}, maxlen=1, approximate=False)
            pipeline.expire(self._wake_key, 60)
            async with asyncio.timeout(LONGEST_BLOCK):
                await pipeline.execute()
                await self._known.wait()
        except (RedisError, OSError, TimeoutError):
            return

    async def run(self) -> None:
        """Read until cancelled."""
        telling = asyncio.create_task(self._tell_while_lost(), name="redis-bridge")
        try:
            await self._read_on()
        finally:
            telling.cancel()

    async def _read_on(self) -> None:
        while True:
            with unbroken(_logger, "redis_hub.broken") as turn:  # watchers read Postgres meanwhile
                await self._read_once()
            if turn.has_failed:
                self._lose()
            if not self.is_well:
                await asyncio.sleep(_PAUSE_AFTER_LOSS)

    async def _read_once(self) -> None:
        try:
            await self._find_tails()
            await self._read()
        except (RedisError, OSError) as error:
            if self.is_well:
                _logger.warning("redis_hub.lost", error=str(error))
            self._lose()

    def _lose(self) -> None:
        was_well, self.is_well = self.is_well, False
        self._positions.clear()
        self._known.set()
        if was_well:
            self._tell_all()

    async def _tell_while_lost(self) -> None:
        """However long it takes to find out whether Redis is back, the watched runs go on."""
        while True:
            await asyncio.sleep(_PAUSE_AFTER_LOSS)
            if not self.is_well:
                self._tell_all()

    def _tell_all(self) -> None:
        for run in self._watchers.runs:
            self._watchers.deliver(run, ())

    async def _find_tails(self) -> None:
        """Begin to read newly watched runs at their present end, and stop reading unwatched ones."""
        while new := [key for key in self._wanted() if key not in self._positions]:
            pipeline = self._client.pipeline(transaction=False)
            for key in new:
                pipeline.xrevrange(key, count=1)
            for key, newest in zip(new, await pipeline.execute(), strict=True):
                self._positions[key] = newest[0][0] if newest else b"0-0"
                self._begin(key)
        wanted = self._wanted()
        if len(self._positions) > len(wanted):
            self._positions = {key: self._positions[key] for key in wanted}
            self._heard = {run: at for run, at in self._heard.items() if run in self._watchers}
        self.is_well = True
        self._known.set()

    def _wanted(self) -> list[bytes]:
        return [self._wake_key, NOTES_KEY, *map(run_key, self._watchers.runs)]

    def _begin(self, key: bytes) -> None:
        if key.startswith(RUN_PREFIX):
            run = run_of(key)
            self._heard[run] = time.monotonic()
            if not self.is_well:
                self._watchers.deliver(run, ())

    async def _read(self) -> None:
        streams: dict[Any, Any] = dict(self._positions)
        for key, entries in _streams(await self._client.xread(streams, block=round(LONGEST_BLOCK * 1000))):
            self._positions[key] = entries[-1][0]
            if key.startswith(RUN_PREFIX):
                run = run_of(key)
                self._heard[run] = time.monotonic()
                self._watchers.deliver(run, [read_frame(entry, fields) for entry, fields in entries])
            elif key == NOTES_KEY:
                for _, fields in entries:
                    self._hear(read_note(fields[NOTE_FIELD]))
        self._doubt_the_silent()

    def _doubt_the_silent(self) -> None:
        now = time.monotonic()
        for run, heard in self._heard.items():
            if now - heard > _SILENCE:
                self._heard[run] = now
                self._watchers.deliver(run, ())


def _streams(reply: Any) -> list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]:  # noqa: ANN401 - RESP2 or RESP3
    if isinstance(reply, dict):
        return [(key, [entry for chunk in chunks for entry in chunk]) for key, chunks in reply.items()]
    return [(key, entries) for key, entries in reply or ()]
