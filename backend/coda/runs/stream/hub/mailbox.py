"""A bounded queue between the hub and one reader."""

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID

from coda.runs.stream.hub.frame import Frame

MAILBOX_LIMIT = 256

Delivery = tuple[UUID, Sequence[Frame]]


class Mailbox:
    """Holds up to `limit` frames, of any number of runs. One more, and all are dropped and `has_overflowed` is set."""

    __slots__ = ("_arrived", "_count", "_deliveries", "_doubted", "_limit", "_on_overflow", "has_overflowed")

    def __init__(self, limit: int = MAILBOX_LIMIT, *, on_overflow: Callable[[], None] | None = None) -> None:
        self._limit = limit
        self._on_overflow = on_overflow
        self._count = 0
        self._deliveries: list[Delivery] = []
        self._doubted: set[UUID] = set()
        self._arrived = asyncio.Event()
        self.has_overflowed = False

    def put(self, run_id: UUID, frames: Sequence[Frame]) -> None:
        """Deliver frames of a run; none at all means that some may have been missed, which is kept only once."""
        if self.has_overflowed or (not frames and run_id in self._doubted):
            return
        if not frames:
            self._doubted.add(run_id)
        self._count += len(frames) or 1
        if self._count > self._limit:
            self.has_overflowed = True
            self._deliveries.clear()
            if self._on_overflow is not None:
                self._on_overflow()
        else:
            self._deliveries.append((run_id, frames))
        self._arrived.set()

    def wake(self) -> None:
        """Let `take` return, even with nothing."""
        self._arrived.set()

    async def take(self) -> list[Delivery]:
        """Wait for deliveries, or `wake`, and take all there are: none after an overflow."""
        await self._arrived.wait()
        self._arrived.clear()
        deliveries, self._deliveries = self._deliveries, []
        self._doubted.clear()
        self._count = 0
        return deliveries

    def reopen(self) -> None:
        """Take deliveries again after an overflow."""
        self.has_overflowed = False
