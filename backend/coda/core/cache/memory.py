"""The results that this process has used lately."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from coda.core.cache.store import Address

_Tag = tuple[UUID, str]
_ROOM_OF_AN_ENTRY = 500
"""Bytes that an entry takes beside its value, about."""


@dataclass(frozen=True, slots=True)
class _Entry:
    value: bytes
    put_at: float
    until: float
    tags: tuple[_Tag, ...]


class MemoryFront:
    """Bounded by bytes: the longest unused goes first."""

    def __init__(self, *, most_bytes: int = 32_000_000) -> None:
        self._most_bytes = most_bytes
        self._entries: OrderedDict[Address, _Entry] = OrderedDict()
        self._tagged: defaultdict[_Tag, set[Address]] = defaultdict(set)
        self.used_bytes = 0

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, address: Address, *, youngest_only: float | None = None) -> bytes | None:
        """What is kept there and still counts; with `youngest_only`, if it was put there in these last seconds."""
        entry = self._entries.get(address)
        if entry is None:
            return None
        now = monotonic()
        if entry.until <= now or (youngest_only is not None and now - entry.put_at > youngest_only):
            self._drop(address)
            return None
        self._entries.move_to_end(address)
        return entry.value

    def put(self, address: Address, value: bytes, *, seconds: float) -> None:
        """Keep it for so long."""
        self._drop(address)
        tags = tuple((address.org_id, tag) for tag in address.tags)
        self._entries[address] = _Entry(value, monotonic(), monotonic() + seconds, tags)
        for tag in tags:
            self._tagged[tag].add(address)
        self.used_bytes += len(value) + _ROOM_OF_AN_ENTRY
        while self.used_bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    def forget(self, org_id: UUID, tags: Iterable[str]) -> None:
        """Drop all that depends on one of these."""
        for tag in tags:
            for address in list(self._tagged.get((org_id, tag), ())):
                self._drop(address)

    def forget_all(self) -> None:
        """Drop everything."""
        self._entries.clear()
        self._tagged.clear()
        self.used_bytes = 0

    def _drop(self, address: Address) -> None:
        entry = self._entries.pop(address, None)
        if entry is None:
            return
        self.used_bytes -= len(entry.value) + _ROOM_OF_AN_ENTRY
        for tag in entry.tags:
            self._tagged[tag].discard(address)
            if not self._tagged[tag]:
                del self._tagged[tag]
