"""The one way to keep results."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import orjson
import structlog
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.cache.memory import MemoryFront
from coda.core.cache.store import Address, CacheStore, CacheUnavailable, Found
from coda.core.db.listener import DatabaseListener
from coda.core.ids import new_id
from coda.core.tasks import BackgroundTasks

CHANNEL: Final = "coda_cache_tags"
_NOTIFY: Final = text("select pg_notify(:channel, :payload)")
_MOST_TAGS: Final = 50
_ASKED_AGAIN_AFTER: Final = 60.0
_FRESH_WHILE_DEAF: Final = 2.0
_log = structlog.get_logger("coda.cache")

Fill = Callable[[], Awaitable[bytes]]


class Outcome(StrEnum):
    """Where a result came from."""

    MEMORY = "memory"
    STORE = "store"
    FILLED = "filled"
    JOINED = "joined"  # another caller was about to make it


@dataclass(slots=True)
class _Filling:
    """A result that is being made, until the last one who waits gives up.

    `is_stale`: what it is made of has changed meanwhile.
    """

    task: asyncio.Task[bytes] | None = None
    is_stale: bool = False
    outcome: Outcome = Outcome.STORE
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """A result, and where it came from."""

    value: bytes
    outcome: Outcome


def _unheard(_namespace: str, _outcome: Outcome) -> None:
    return None


@dataclass(slots=True)
class Cache:
    """Gives a result that is kept, or makes it and keeps it; a process makes each one only once at a time.

    What is in memory counts as long as this process hears of changes, and two seconds more where it is deaf. `store`
    is what all processes share; without one, results are kept in memory only. Where it does not answer in so many
    seconds it is passed over. `tell` hears of every answer.
    """

    listener: DatabaseListener
    store: CacheStore | None = None
    front: MemoryFront = field(default_factory=MemoryFront)
    store_answers_within: float = 2.0
    tell: Callable[[str, Outcome], None] = _unheard
    _filling: dict[Address, _Filling] = field(default_factory=dict, init=False)
    _settling: BackgroundTasks = field(default_factory=BackgroundTasks, init=False)

    def __post_init__(self) -> None:
        self.listener.hear(CHANNEL, self._heard)
        self.listener.on_reconnect(self._forget_all)

    async def get(self, address: Address, fill: Fill) -> Kept:
        """The result at this address. Raises what `fill` raises, and then keeps nothing."""
        value = self.front.get(address, youngest_only=None if self.listener.is_connected else _FRESH_WHILE_DEAF)
        if value is not None:
            return self._told(address, Kept(value, Outcome.MEMORY))
        filling = self._filling.get(address)
        if filling is not None and filling.task is not None and not filling.is_stale:
            return self._told(address, Kept(await _waited_for(filling, filling.task), Outcome.JOINED))
        filling = self._filling[address] = _Filling()
        filling.task = asyncio.create_task(self._make(address, fill, filling), name="fill a cache")
        value = await _waited_for(filling, filling.task)
        return self._told(address, Kept(value, filling.outcome))

    async def invalidate(self, org_id: UUID, tags: Sequence[str], *, db: AsyncSession) -> None:
        """What was made of these counts no more, in every process, once this transaction is committed.

        Raises CacheUnavailable where the place that all share does not answer: then the change must not be made.
        """
        if len(tags) > _MOST_TAGS:
            raise ValueError(f"At most {_MOST_TAGS} tags at once.")
        if self.store is not None:
            await self.store.invalidate(org_id, tags, db=db)
        told = {"org_id": str(org_id), "tags": list(tags), "change": new_id().hex}
        payload = orjson.dumps(told).decode()
        await db.execute(_NOTIFY, {"channel": CHANNEL, "payload": payload})
        event.listen(db.sync_session, "after_commit", lambda _: self._forget(org_id, tags))

    async def close(self) -> None:
        """Give up what is being made."""
        fills = [filling.task for filling in self._filling.values() if filling.task is not None]
        for task in fills:
            task.cancel()
        await asyncio.gather(*fills, return_exceptions=True)
        await self._settling.end()
        self.front.forget_all()
        if self.store is not None:
            await self.store.close()

    async def _make(self, address: Address, fill: Fill, filling: _Filling) -> bytes:
        try:
            found = await self._read(address)
            if found is not None and found.value is not None:
                self._keep_in_front(address, found.value, filling, seconds=found.seconds)
                return found.value
            filling.outcome = Outcome.FILLED
            value = await fill()
            if len(value) <= address.namespace.most_bytes:
                self._keep_in_front(address, value, filling, seconds=address.namespace.keep_for.total_seconds())
                if found is not None:
                    await self._write(address, value, stamp=found.stamp)
            return value
        finally:
            if self._filling.get(address) is filling:
                del self._filling[address]

    def _keep_in_front(self, address: Address, value: bytes, filling: _Filling, *, seconds: float) -> None:
        if not filling.is_stale:
            # A lost connection may go unnoticed for a while: what others keep too is asked for again now and then.
            self.front.put(address, value, seconds=seconds if self.store is None else min(seconds, _ASKED_AGAIN_AFTER))

    async def _read(self, address: Address) -> Found | None:
        if self.store is None:
            return None
        try:
            async with asyncio.timeout(self.store_answers_within):
                return await self.store.read(address)
        except (CacheUnavailable, TimeoutError):
            _log.warning("cache not readable", namespace=str(address.namespace))
            return None

    async def _write(self, address: Address, value: bytes, *, stamp: str) -> None:
        assert self.store is not None  # noqa: S101 - it has just been read
        try:
            async with asyncio.timeout(self.store_answers_within):
                await self.store.write(address, value, stamp=stamp)
        except (CacheUnavailable, TimeoutError):
            _log.warning("cache not writable", namespace=str(address.namespace))

    def _told(self, address: Address, kept: Kept) -> Kept:
        self.tell(address.namespace.name, kept.outcome)
        return kept

    def _forget(self, org_id: UUID, tags: Iterable[str]) -> None:
        changed = set(tags)
        self.front.forget(org_id, changed)
        for address, filling in self._filling.items():
            if address.org_id == org_id and not changed.isdisjoint(address.tags):
                filling.is_stale = True

    def _forget_all(self) -> None:
        """Changes may have been missed."""
        self.front.forget_all()
        for filling in self._filling.values():
            filling.is_stale = True

    def _heard(self, payload: str) -> None:
        try:
            told: Any = orjson.loads(payload)
            org_id, tags, change = UUID(told["org_id"]), [str(tag) for tag in told["tags"]], str(told["change"])
        except (ValueError, KeyError, TypeError, AttributeError):  # anybody who may sign in may send a notification
            _log.warning("cache notification unreadable")
            self._forget_all()
            return
        self._forget(org_id, tags)
        self._settling.start(self._settle(org_id, tags, change), name="settle a cache")

    async def _settle(self, org_id: UUID, tags: Iterable[str], change: str) -> None:
        if self.store is None:
            return
        try:
            await self.store.settle(org_id, tags, change=change)
        except CacheUnavailable:
            _log.warning("cache not settled")


async def _waited_for(filling: _Filling, task: "asyncio.Task[bytes]") -> bytes:
    """The result. Who gives up does not take it from the others who wait; with the last one it is given up."""
    filling.waiting += 1
    try:
        return await asyncio.shield(task)
    finally:
        filling.waiting -= 1
        if filling.waiting == 0 and not task.done():
            filling.is_stale = True  # nobody joins it any more
            task.cancel()
