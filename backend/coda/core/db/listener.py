"""One connection per process that hears NOTIFY; it comes back by itself after a break."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import asyncpg
import structlog

from coda.core.db.external import libpq_url

_log = structlog.get_logger("coda.db")
_LONGEST_PAUSE = 10.0
_ASK_EVERY, _ANSWER_WITHIN = 2.0, 3.0

Hear = Callable[[str], None]


class DatabaseListener:
    """Calls back for each notification. What was sent during a break is lost: `on_reconnect` says so.

    A connection that only listens would never notice that nobody is there any more: the server is asked every now and
    then, so that silence is noticed within five seconds.
    """

    def __init__(self, url: str, *, timeout: timedelta = timedelta(seconds=15)) -> None:
        self._url = libpq_url(url)
        self._timeout = timeout.total_seconds()
        self._hearers: dict[str, list[Hear]] = defaultdict(list)
        self._on_reconnect: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self.is_connected = False

    def hear(self, channel: str, callback: Hear) -> None:
        """Call back with each payload on the channel. To be called before `start`."""
        self._hearers[channel].append(callback)

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call back when the connection is there (again)."""
        self._on_reconnect.append(callback)

    async def start(self) -> None:
        """Connect in the background and stay connected."""
        self._task = asyncio.create_task(self._stay(), name="database listener")

    async def close(self) -> None:
        """End the connection."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _stay(self) -> None:
        pause = 0.1
        while True:
            try:
                await self._listen()
                pause = 0.1
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                _log.warning("database listener lost", error=type(error).__name__)
            finally:
                self.is_connected = False
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=self._timeout, command_timeout=self._timeout)
        try:
            self._lost.clear()
            connection.add_termination_listener(self._end)
            for channel in self._hearers:
                await connection.add_listener(channel, self._heard)
            self.is_connected = True
            for callback in self._on_reconnect:
                callback()
            while not await self._lost_within(min(_ASK_EVERY, self._timeout)):
                await connection.execute("select 1", timeout=min(_ANSWER_WITHIN, self._timeout))
        finally:
            connection.terminate()

    async def _lost_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._lost.wait(), seconds)
        return self._lost.is_set()

    def _end(self, _connection: Any) -> None:  # noqa: ANN401 - asyncpg is untyped
        self._lost.set()

    def _heard(self, _connection: Any, _pid: int, channel: str, payload: str) -> None:  # noqa: ANN401 - asyncpg is untyped
        for callback in self._hearers.get(channel, ()):
            callback(payload)
