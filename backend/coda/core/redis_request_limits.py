"""Quotas that all processes share, in Redis: one script, on Redis' own clock, one round trip for a request."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Sequence
from time import monotonic
from typing import Any, Final, cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from coda.core.request_limits import WINDOW, MemoryRequestLimits, Quota, QuotaState, Verdict

_log = structlog.get_logger(__name__)
_PAUSE: Final = 5.0
_SPENT_EVERY: Final = 0.1

# A counter is a hash of seconds. ARGV: the window, whether to count without asking, then limit and cost of each key.
_COUNT: Final = """
local now = tonumber(redis.call('TIME')[1])
local window, force = tonumber(ARGV[1]), ARGV[2] == '1'
local answer, slices_of, refused = {}, {}, false
for i, key in ipairs(KEYS) do
  local found, slices, used, dead = redis.call('HGETALL', key), {}, 0, {}
  for j = 1, #found, 2 do
    local second, amount = tonumber(found[j]), tonumber(found[j + 1])
    if second < now - window then
      dead[#dead + 1] = found[j]
    else
      slices[#slices + 1] = {second, amount}
      used = used + amount
    end
  end
  if #dead > 0 then redis.call('HDEL', key, unpack(dead)) end
  table.sort(slices, function(a, b) return a[1] < b[1] end)
  local limit, cost = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local room, left, wait = limit - math.max(1, cost), used, 0
  if not force then
    for _, slice in ipairs(slices) do
      if left <= room then break end
      left = left - slice[2]
      wait = slice[1] + window + 1 - now
    end
  end
  refused = refused or wait > 0
  local reset = 0
  if #slices > 0 then reset = slices[1][1] + window + 1 - now end
  answer[#answer + 1] = used
  answer[#answer + 1] = reset
  answer[#answer + 1] = wait
end
if not refused then
  for i, key in ipairs(KEYS) do
    local cost = tonumber(ARGV[2 * i + 2])
    if cost > 0 then
      redis.call('HINCRBY', key, now, cost)
      redis.call('EXPIRE', key, window + 2)
      answer[3 * i - 2] = answer[3 * i - 2] + cost
      if answer[3 * i - 1] == 0 then answer[3 * i - 1] = window + 1 end
    end
  end
end
return answer
"""


class RedisRequestLimits:
    """Shared quotas. Where Redis does not answer, each process goes on with counters of its own."""

    def __init__(self, redis: Redis, *, prefix: str = "coda:quota:") -> None:
        self._redis, self._prefix = redis, prefix
        self._script = redis.register_script(_COUNT)
        self._local = MemoryRequestLimits()
        self._away_until = 0.0
        self._spent: Counter[str] = Counter()
        self._spending: asyncio.Task[None] | None = None

    async def take(self, quotas: Sequence[Quota]) -> Verdict:
        """Count one request."""
        if not quotas:
            return Verdict(())
        numbers = await self._run([quota.key for quota in quotas], [(quota.limit, quota.cost) for quota in quotas])
        if numbers is None:
            return self._local.take_now(quotas)
        states = tuple(
            QuotaState(quota, max(0, quota.limit - numbers[3 * at]), numbers[3 * at + 1])
            for at, quota in enumerate(quotas)
        )
        waits = numbers[2::3]
        wait = max(waits)
        return Verdict(states, wait, quotas[waits.index(wait)] if wait else None)

    def spend(self, keys: Sequence[str], amount: int) -> None:
        """Count what was used; gathered, so that no answer waits for it."""
        for key in keys:
            self._spent[key] += amount
        if self._spending is None or self._spending.done():
            self._spending = asyncio.create_task(self._spend_gathered(), name="tokens-spent")

    async def close(self) -> None:
        """Count what was gathered."""
        if self._spending is not None:
            await self._spending

    async def _spend_gathered(self) -> None:
        while self._spent:
            await asyncio.sleep(_SPENT_EVERY)
            spent, self._spent = self._spent, Counter()
            if await self._run(list(spent), [(0, amount) for amount in spent.values()], force=True) is None:
                for key, amount in spent.items():
                    self._local.spend([key], amount)

    async def _run(
        self, keys: Sequence[str], numbers: Sequence[tuple[int, int]], *, force: bool = False
    ) -> list[int] | None:
        """What the script says; None where Redis does not answer, or has not a moment ago."""
        if monotonic() < self._away_until:
            return None
        arguments = [WINDOW, int(force), *(number for pair in numbers for number in pair)]
        try:
            names = [self._prefix + key for key in keys]
            answer = await cast("Awaitable[Any]", self._script(keys=names, args=arguments))
        except (RedisError, OSError) as error:
            self._away_until = monotonic() + _PAUSE
            _log.warning("quotas.counted_locally", error=type(error).__name__)
            return None
        return [int(number) for number in answer]
