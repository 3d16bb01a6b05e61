"""Builds the cache of one process."""

from collections.abc import Callable

from coda.core.cache.cache import Cache, Outcome
from coda.core.cache.memory import MemoryFront
from coda.core.cache.postgres import PostgresCache
from coda.core.cache.store import CacheStore
from coda.core.db.database import Database
from coda.core.db.listener import DatabaseListener
from coda.core.settings import Settings


def build_cache(
    settings: Settings, database: Database, listener: DatabaseListener, *, tell: Callable[[str, Outcome], None]
) -> Cache:
    """The cache, in front of what the settings say. To be built before the listener is started."""
    front = MemoryFront(most_bytes=settings.cache.memory_mb * 1_000_000)
    return Cache(listener, _store(settings, database), front, tell=tell)


def _store(settings: Settings, database: Database) -> CacheStore | None:
    if settings.cache.store == "memory":
        return None
    if settings.cache.store == "redis" and settings.redis_url is not None:
        from coda.core.cache.redis import RedisCache  # its client is loaded only where there is a Redis
        from coda.core.redis import connect_redis

        return RedisCache(connect_redis(settings.redis_url.get_secret_value()))
    return PostgresCache(database)
