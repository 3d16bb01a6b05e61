"""A gate that lets only so many through at once, and by turns whoever waits: nobody's many keep another's few out."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class GateFull(Exception):
    """As many wait as may."""


class FairGate:
    """For one event loop. `most_waiting`: more are refused with GateFull."""

    def __init__(self, places: int, *, most_waiting: int | None = None) -> None:
        self._free = places
        self._most_waiting = most_waiting
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        self._count = 0

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._count

    @asynccontextmanager
    async def place(self, key: Hashable) -> AsyncIterator[None]:
        """A place inside, once it is this key's turn; within a key the first comes first."""
        await self._enter(key)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, key: Hashable) -> None:
        if self._free and not self._count:
            self._free -= 1
            return
        if self._most_waiting is not None and self._count >= self._most_waiting:
            raise GateFull
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(key, deque()).append(turn)
        self._count += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was let in at the same moment
                self._leave()
            else:
                self._forget(key, turn)
            raise

    def _leave(self) -> None:
        """Let the next one in. A turn that is done already is of somebody who has just gone away."""
        while self._waiting:
            key, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            self._count -= 1
            if turns:
                self._waiting[key] = turns  # behind the other keys
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _forget(self, key: Hashable, turn: asyncio.Future[None]) -> None:
        turns = self._waiting.get(key, deque())
        if turn not in turns:  # whoever left at the same moment has passed over it
            return
        turns.remove(turn)
        self._count -= 1
        if not turns:
            del self._waiting[key]
