"""Values that a process keeps for each organization, and loads again as soon as they change anywhere."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final, Generic, TypeVar

import structlog
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db.listener import DatabaseListener

K = TypeVar("K")
T = TypeVar("T")

CHANNEL: Final = "coda_cache"
_log = structlog.get_logger("coda.db")
_NOTIFY: Final = text("select pg_notify(:channel, :payload)")
_MOST_LOADS: Final = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """How many values are kept, and how old they may be, in seconds.

    `fresh_while_listening` is for a connection that is gone without anybody having noticed; notifications are faster.
    """

    most: int = 1_000
    unused: float = 1800.0
    fresh_while_listening: float = 60.0
    fresh_while_deaf: float = 2.0


@dataclass(frozen=True, slots=True)
class Moment:
    """A time at which a read began, and how many changes had been heard of then."""

    at: float
    changes: int


@dataclass(slots=True)
class _Entry(Generic[T]):
    """One key's value. `generation` counts the changes that were heard of."""

    used_at: float
    value: T | None = None
    loaded_at: float | None = None
    generation: int = 0
    loading: asyncio.Task[T] | None = field(default=None)


class ScopedCache(Generic[K, T]):
    """Reads a value once and keeps it until a notification says that it has changed.

    `load` gets the key and the value of before, of which it may keep parts. `dispose` gets a value that is no longer
    kept and what took its place, None where nothing did: it ends what the one has at work and the other has not.
    Whoever asked for the value may still be using it.

    `load` opens a transaction of its own, so a value is asked for before a transaction is opened, never inside one.
    """

    def __init__(
        self,
        name: str,
        listener: DatabaseListener,
        *,
        key_of: Callable[[str], K],
        load: Callable[[K, T | None], Awaitable[T]],
        dispose: Callable[[T, T | None], None] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._name, self._listener = name, listener
        self._key_of, self._load_value, self._dispose_of = key_of, load, dispose
        self._limits = limits or Limits()
        self._entries: OrderedDict[K, _Entry[T]] = OrderedDict()
        self._changes = 0
        listener.hear(CHANNEL, self._heard)
        listener.on_reconnect(self.forget_all)

    async def of(self, key: K) -> T:
        """The key's value; callers who come while it is loaded share that load. Raises what `load` raises."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = _Entry(monotonic())
        entry.used_at = monotonic()
        self._entries.move_to_end(key)
        if entry.value is not None and self._is_fresh(entry):
            return entry.value
        if entry.loading is None:
            entry.loading = asyncio.create_task(self._load(key, entry), name=f"load {self._name}")
            entry.loading.add_done_callback(_note_failure)
        return await asyncio.shield(entry.loading)  # whoever gives up must not take the others' value with them

    def moment(self) -> Moment:
        """To be asked before something is read that `keep` is given."""
        return Moment(monotonic(), self._changes)

    def keep(self, key: K, value: T, *, since: Moment) -> None:
        """Take a value that came along with something else and save its load; not where anything has changed since."""
        entry = self._entries.setdefault(key, _Entry(monotonic()))
        entry.used_at = monotonic()
        self._entries.move_to_end(key)
        if self._changes == since.changes and entry.loading is None and not self._is_fresh(entry):
            previous, entry.value, entry.loaded_at = entry.value, value, since.at
            self._dispose(previous, value)
        self._drop_unused()

    async def announce(self, db: AsyncSession, key: K) -> None:
        """Have every process load the value again once this transaction is committed, this one at that very moment."""
        await db.execute(_NOTIFY, {"channel": CHANNEL, "payload": f"{self._name}:{key}"})
        event.listen(db.sync_session, "after_commit", lambda _: self.forget(key))

    def forget(self, key: K) -> None:
        """The value has changed: load it when it is next asked for, and a load under way once more."""
        self._changes += 1
        entry = self._entries.get(key)
        if entry is not None:
            entry.generation += 1
            entry.loaded_at = None

    def forget_all(self) -> None:
        """Changes may have been missed."""
        self._changes += 1
        for key in self._entries:
            self.forget(key)

    def values(self) -> Iterator[T]:
        """The values that were asked for lately, fresh or not."""
        self._drop_unused()
        yield from [entry.value for entry in self._entries.values() if entry.value is not None]

    async def close(self) -> None:
        """Dispose of everything."""
        loads = [entry.loading for entry in self._entries.values() if entry.loading is not None]
        for load in loads:
            load.cancel()
        for load in loads:
            with suppress(asyncio.CancelledError, Exception):
                await load
        for key in list(self._entries):
            self._drop(key)

    def _is_fresh(self, entry: _Entry[T]) -> bool:
        limits = self._limits
        limit = limits.fresh_while_listening if self._listener.is_connected else limits.fresh_while_deaf
        return entry.loaded_at is not None and monotonic() - entry.loaded_at < limit

    async def _load(self, key: K, entry: _Entry[T]) -> T:
        """Load until nothing changes meanwhile; where changes never end, the last value is given out, stale."""
        try:
            for _ in range(_MOST_LOADS):
                generation, began_at = entry.generation, monotonic()
                value = await self._load_value(key, entry.value)
                previous, entry.value = entry.value, value
                self._dispose(previous, value)
                if entry.generation == generation:
                    entry.loaded_at = began_at
                    break
            return value
        finally:
            entry.loading = None
            self._drop_unused()

    def _drop_unused(self) -> None:
        """What was not asked for in a long time goes, and the longest unused of too many."""
        oldest = monotonic() - self._limits.unused
        surplus = len(self._entries) - self._limits.most
        gone: list[K] = []
        for key, entry in self._entries.items():  # oldest first, and mostly the first one is young: never copied
            if surplus <= 0 and entry.used_at >= oldest:
                break
            if entry.loading is None:
                surplus -= 1
                gone.append(key)
        for key in gone:
            self._drop(key)

    def _drop(self, key: K) -> None:
        self._dispose(self._entries.pop(key).value, None)

    def _dispose(self, value: T | None, successor: T | None) -> None:
        if value is not None and value is not successor and self._dispose_of is not None:
            self._dispose_of(value, successor)

    def _heard(self, payload: str) -> None:
        name, _, key = payload.partition(":")
        if name != self._name:
            return
        try:
            self.forget(self._key_of(key))
        except ValueError:  # anybody who may sign in to the database may send a notification
            _log.warning("cache notification unreadable", cache=self._name)
            self.forget_all()


def _note_failure(load: "asyncio.Task[Any]") -> None:
    """Who waited was told; a load that nobody waits for any more must not fail unseen."""
    if not load.cancelled() and load.exception() is not None:
        _log.warning("cache load failed", error=type(load.exception()).__name__)
