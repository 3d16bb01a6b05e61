"""Results that are kept: in memory in front, in Postgres or Redis behind, forgotten by what they were made of."""

from coda.core.cache.cache import Cache, Kept, Outcome
from coda.core.cache.namespace import Namespace
from coda.core.cache.store import Address, CacheUnavailable

__all__ = ["Address", "Cache", "CacheUnavailable", "Kept", "Namespace", "Outcome"]
