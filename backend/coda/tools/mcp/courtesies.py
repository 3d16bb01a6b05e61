"""What is told to a server without anybody waiting for it: that a session is over, that we cannot do a thing."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final

from coda.core.errors import CodaError
from coda.core.tasks import BackgroundTasks

_SECONDS: Final = 2.0
_MOST: Final = 100


class Courtesies:
    """Sends them in the background, each for a moment only. Where many are under way no more are sent."""

    def __init__(self) -> None:
        self._under_way = BackgroundTasks()

    def send(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin; what becomes of it is of no interest."""
        if len(self._under_way) >= _MOST:
            work.close()
            return
        self._under_way.start(self._sent(work))

    async def close(self) -> None:
        """End those that are under way."""
        await self._under_way.end()

    async def _sent(self, work: Coroutine[Any, Any, None]) -> None:
        with suppress(CodaError, TimeoutError):
            async with asyncio.timeout(_SECONDS):
                await work
