"""Results in Redis or Valkey, for clusters that have one: it may drop any of them at any moment."""

import secrets
from collections.abc import Iterable
from typing import Final, cast
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.cache.store import Address, CacheUnavailable, Found

_TAG_SECONDS: Final = 40 * 86_400
"""A tag that is gone gets another stamp, so what was stored under it is not found any more."""
_LONGEST_CHANGE: Final = 60
"""Seconds. Until a change is committed, or given up, nothing that depends on it is kept."""
_SEPARATOR: Final = b"\0"


_SETTLE: Final = """
if redis.call('set', KEYS[1], '', 'NX', 'EX', ARGV[1]) then
    for number = 2, #KEYS do
        redis.call('set', KEYS[number], ARGV[number + 1], 'EX', ARGV[2])
    end
end
"""
"""Every process hears of a change; the stamps are those of the first. Else what is made after the first had written
them would be lost with the second."""


class RedisCache:
    """A string per result, its stamp in front of it, and a string per tag. A tag that was dropped gets a new stamp."""

    def __init__(self, redis: Redis, *, prefix: str = "coda:cache:") -> None:
        self._redis, self._prefix = redis, prefix
        self._settle = redis.register_script(_SETTLE)

    async def read(self, address: Address) -> Found:
        """What is kept there; raises CacheUnavailable."""
        key = self._key(address)
        try:
            found = cast("list[bytes | None]", await self._redis.mget(key, *self._tags(address.org_id, address.tags)))
            stored, stamps = found[0], found[1:]
            stamp = await self._stamps(address, stamps)
            head, _, value = (stored or b"").partition(_SEPARATOR)
            if stored is None or head.decode() != stamp:
                return Found(None, stamp)
            return Found(value, stamp, max(0.0, await self._redis.pttl(key) / 1000))
        except (RedisError, OSError) as error:
            raise CacheUnavailable from error

    async def write(self, address: Address, value: bytes, *, stamp: str) -> None:
        """Keep it; raises CacheUnavailable."""
        milliseconds = round(address.namespace.keep_for.total_seconds() * 1000)
        try:
            await self._redis.set(self._key(address), stamp.encode() + _SEPARATOR + value, px=milliseconds)
        except (RedisError, OSError) as error:
            raise CacheUnavailable from error

    async def invalidate(self, org_id: UUID, tags: Iterable[str], *, db: AsyncSession) -> None:  # noqa: ARG002 - Redis has no part in it
        """Take the tags' stamps away until `settle`, a minute at most; raises CacheUnavailable."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for key in self._tags(org_id, tags):
                    pipeline.set(key, "", ex=_LONGEST_CHANGE)
                await pipeline.execute()
        except (RedisError, OSError) as error:
            raise CacheUnavailable from error

    async def settle(self, org_id: UUID, tags: Iterable[str], *, change: str) -> None:
        """Give the tags new stamps, after the commit; once for each change."""
        keys = [f"{self._prefix}{org_id}:change:{change}", *self._tags(org_id, tags)]
        stamps = [secrets.token_hex(8) for _ in keys[1:]]
        try:
            await self._settle(keys=keys, args=[_LONGEST_CHANGE, _TAG_SECONDS, *stamps])
        except (RedisError, OSError) as error:
            raise CacheUnavailable from error

    async def close(self) -> None:
        """Close the client."""
        await self._redis.aclose()

    async def _stamps(self, address: Address, stamps: list[bytes | None]) -> str:
        """The stamps of all tags; one that is not there is made, by whoever comes first."""
        made: list[str] = []
        for key, stamp in zip(self._tags(address.org_id, address.tags), stamps, strict=True):
            found = stamp
            if found is None:
                await self._redis.set(key, secrets.token_hex(8), ex=_TAG_SECONDS, nx=True)
                found = cast("bytes | None", await self._redis.get(key))
            # One that is being changed, or was dropped at once, is no stamp: what is made now is not found again.
            made.append(found.decode() if found else secrets.token_hex(8))
        return ".".join(made)

    def _key(self, address: Address) -> str:
        return f"{self._prefix}{address.org_id}:{address.namespace}:{address.key.hex()}"

    def _tags(self, org_id: UUID, tags: Iterable[str]) -> list[str]:
        return [f"{self._prefix}{org_id}:tag:{tag}" for tag in sorted(set(tags))]
