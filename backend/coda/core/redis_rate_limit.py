"""Sliding-window rate limits that all processes share, in Redis."""

import secrets
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from coda.core.rate_limit import Hit, Limit, RateLimiterUnavailable, TooManyAttempts

# Time is Redis' own, so that servers with other clocks share one window.
_HIT = """
local now = redis.call('TIME')
local at = now[1] * 1000 + math.floor(now[2] / 1000)
local window = tonumber(ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', at - window)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
  local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
  return tonumber(oldest[2]) + window - at
end
redis.call('ZADD', KEYS[1], at, ARGV[3])
redis.call('PEXPIRE', KEYS[1], window)
return 0
"""


class RedisRateLimiter:
    """Limits that all processes share: a sorted set per key, counted in one script."""

    def __init__(self, redis: Redis, *, prefix: str = "coda:limit:") -> None:
        self._redis = redis
        self._prefix = prefix
        self._script = redis.register_script(_HIT)

    async def hit(self, key: str, limit: Limit) -> Hit:
        """Count one attempt; raises TooManyAttempts, or RateLimiterUnavailable when Redis does not answer."""
        hit = Hit(self._prefix + key, secrets.token_hex(8))
        window = round(limit.window.total_seconds() * 1000)
        try:
            wait = await cast("Awaitable[Any]", self._script(keys=[hit.key], args=[window, limit.count, hit.id]))
        except (RedisError, OSError) as error:
            raise RateLimiterUnavailable from error
        if int(wait) > 0:
            raise TooManyAttempts(timedelta(milliseconds=int(wait)))
        return hit

    async def forgive(self, hit: Hit) -> None:
        """Take a counted attempt back; without Redis it simply ends with its window."""
        try:
            await self._redis.zrem(hit.key, hit.id)
        except (RedisError, OSError):
            return
