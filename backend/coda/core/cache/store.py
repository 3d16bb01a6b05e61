"""Where results are kept that outlive a process: what every such place can do."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.cache.namespace import Namespace
from coda.core.errors import CodaError, ErrorKind


class CacheUnavailable(CodaError):
    """The place does not answer. A result is made anew; a change of what results depend on is refused."""

    kind = ErrorKind.UNAVAILABLE
    code = "core.cache_unavailable"

    def __init__(self) -> None:
        super().__init__("Where results are kept does not answer. Try again in a moment.", retry_after=5)


@dataclass(frozen=True, slots=True)
class Address:
    """Which result: of which organization, of what kind, made of what.

    `tags` name what the result depends on; who changes that says so by the tag. The same address always has the same.
    """

    org_id: UUID
    namespace: Namespace
    key: bytes
    tags: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, org_id: UUID, namespace: Namespace, *parts: bytes, tags: Iterable[str] = ()) -> "Address":
        """The address of a result that was made of these parts."""
        digest = hashlib.sha256()
        for part in parts:
            digest.update(len(part).to_bytes(8))
            digest.update(part)
        return cls(org_id, namespace, digest.digest(), tuple(sorted(set(tags))))


@dataclass(frozen=True, slots=True)
class Found:
    """What is kept, None where nothing is, and for how many seconds it still counts.

    `stamp` is what a result is stored with that is made from now on. It stands for the state of all tags: when one
    of them changes, what has the old stamp is not found any more, also what is stored later by who had read before.
    """

    value: bytes | None
    stamp: str
    seconds: float = 0.0


class CacheStore(Protocol):
    """A place that all processes share. Every call may raise CacheUnavailable."""

    async def read(self, address: Address) -> Found:
        """What is kept there."""
        ...

    async def write(self, address: Address, value: bytes, *, stamp: str) -> None:
        """Keep a result that was made after `stamp` was read."""
        ...

    async def invalidate(self, org_id: UUID, tags: Iterable[str], *, db: AsyncSession) -> None:
        """What depends on these counts no more once the transaction is committed."""
        ...

    async def settle(self, org_id: UUID, tags: Iterable[str], *, change: str) -> None:
        """That transaction is committed: said by every process that hears of it. `change` names it."""
        ...

    async def close(self) -> None:
        """End what it has open."""
        ...
