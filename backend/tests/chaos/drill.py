"""Random kills of everything under load, and the count of what was lost: the chaos drill."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from signal import SIGKILL

from tests.chaos.audit import Findings, audit, is_quiet
from tests.chaos.client import Client, Watched
from tests.chaos.cluster import Cluster, kill, until

VICTIMS = {"worker": 60, "api": 20, "redis": 12, "postgres": 8}
_QUIET_WITHIN = 180.0
_AT_ONCE = 2
_MINUTE = 60.0
_LONG = "Write a long text about rivers"


@dataclass(frozen=True)
class Plan:
    """How much of it: it ends with the last kill, or when the time is up."""

    kills: int
    seconds: float
    clients: int = 6
    pause: float = 1.0
    seed: int = 1


@dataclass
class Tally:
    """What the drill came to."""

    kills: Counter[str] = field(default_factory=Counter)
    acked: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    found: Findings = field(default_factory=Findings)

    def line(self) -> str:
        """The result in one line."""
        return f"{self.so_far()}, {self.found.counts()}"

    def so_far(self) -> str:
        """What has been counted before anybody has looked into the database."""
        each = ", ".join(f"{name} {self.kills[name]}" for name in VICTIMS)
        ends = ", ".join(f"{status} {count}" for status, count in sorted(self.ends.items()))
        return f"kills {self.kills.total()} ({each}), acked {self.acked} ({ends})"


@dataclass
class Drill:
    """One drill on one installation. `report` is told once a minute how far it is."""

    site: Cluster
    plan: Plan
    report: Callable[[str], None] = field(default=lambda _line: None)
    tally: Tally = field(default_factory=Tally)
    _has_enough: bool = False
    _is_over: bool = False
    _questions: int = 0

    def stop(self) -> None:
        """Kill no more: look at what has become of everything."""
        self._has_enough = True

    async def perform(self) -> Tally:
        """Kill under load, wait for quiet, look at everything."""
        self._random = random.Random(self.plan.seed)  # noqa: S311 - a plan that can be repeated, not a secret
        async with AsyncExitStack() as stack:
            site, seeds = self.site, range(self.plan.seed, self.plan.seed + self.plan.clients)
            clients = [await stack.enter_async_context(Client(site.addresses, site.key, seed=seed)) for seed in seeds]
            talking = [asyncio.create_task(self._talk(client)) for client in clients]
            telling = asyncio.create_task(self._tell(clients))
            await self._kill_all()
            telling.cancel()
            self._is_over = True
            _, silent = await asyncio.wait(talking, timeout=_QUIET_WITHIN)
            for task in silent:  # the audit tells what they wait for
                task.cancel()
            with suppress(TimeoutError):
                await until(lambda: is_quiet(self.site), within=_QUIET_WITHIN)
            self.tally.found = await audit(self.site, clients)
            self._count(clients)
            self.tally.found.stuck += [
                f"a client gave up: {result!r}"
                for result in await asyncio.gather(*talking, return_exceptions=True)
                if isinstance(result, Exception)
            ]
        return self.tally

    async def _kill_all(self) -> None:
        deadline = time.monotonic() + self.plan.seconds
        while self.tally.kills.total() < self.plan.kills and time.monotonic() < deadline and not self._has_enough:
            victims = self._random.choices(list(VICTIMS), list(VICTIMS.values()), k=self._random.randint(1, _AT_ONCE))
            for victim in dict.fromkeys(victims):
                await self._kill(victim)
            await self.site.revive()
            await asyncio.sleep(self._random.uniform(0, 2 * self.plan.pause))

    async def _tell(self, clients: Sequence[Client]) -> None:
        since = time.monotonic()
        while True:
            await asyncio.sleep(_MINUTE)
            self._count(clients)
            gaps = sum(len(each.gaps) for client in clients for each in client.watched.values())
            twice = sum(count > 1 for count in self.site.effects.effects.values())
            minutes = (time.monotonic() - since) / _MINUTE
            self.report(f"{minutes:.0f} min: {self.tally.so_far()}, gaps {gaps}, tools twice {twice}")

    async def _kill(self, victim: str) -> None:
        if victim == "postgres":
            await self.site.postgres.kill()
        elif victim == "redis":
            self.site.redis.stop(SIGKILL)
        else:
            await kill(self._random.choice(self.site.workers if victim == "worker" else self.site.servers))
        self.tally.kills[victim] += 1

    async def _talk(self, client: Client) -> None:
        """A person who asks, stops, throws in, loses the connection, and asks again."""
        plan = random.Random(client.seed)  # noqa: S311 - see above
        while not self._is_over:
            session_id = await client.new_session()
            for _ in range(plan.randint(1, 4)):
                if self._is_over:
                    return
                asked = await client.ask(session_id, self._question(plan))
                await self._interfere(client, asked, plan)
                await asked.ended.wait()

    async def _interfere(self, client: Client, asked: Watched, plan: random.Random) -> None:
        deed = plan.choices(["nothing", "stop", "steer", "drop"], [5, 1, 1, 2])[0]
        if deed == "nothing":
            return
        await until(lambda: asked.ended.is_set() or asked.has("REASONING_MESSAGE_CONTENT"), within=_QUIET_WITHIN)
        if deed == "drop":
            await client.drop()
        elif deed == "stop":
            await client.insist("cancel", run_id=asked.run_id)
        else:
            await client.insist("steer", run_id=asked.run_id, content="Be brief.")

    def _question(self, plan: random.Random) -> str:
        self._questions += 1
        number = self.plan.seed * 100_000 + self._questions
        return plan.choice(
            [
                f"What is 17.5 % of {number}?",
                f"What is 17.5 % of {number}?",
                f"What date is {number} days after 2026-01-01?",
                _LONG,
            ]
        )

    def _count(self, clients: Sequence[Client]) -> None:
        watched = [each for client in clients for each in client.watched.values()]
        self.tally.acked = sum(each.is_acked for each in watched)
        self.tally.ends = Counter(each.state.status for each in watched if each.is_acked)
