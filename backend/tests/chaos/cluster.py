"""A whole installation of real processes: one Postgres, one Redis, servers and workers, each of which may die."""

import asyncio
import inspect
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import orjson

from coda.core import kill_points
from coda.core.kill_points import KillPoint
from tests.chaos import side_effects
from tests.chaos.nursery import Nursery, is_alive
from tests.chaos.side_effects import SideEffects
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer, find_redis_server

ADMIN = {"email": "ada@example.org", "password": "a long enough pass phrase"}
START_WITHIN = 90.0
_POLL = 0.01


class MortalPostgres(PostgresServer):
    """A durable Postgres server that can be killed."""

    async def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End the postmaster with no chance to say anything; by SIGQUIT it stops at once, as in `-m immediate`."""
        if self.pid is not None:
            os.kill(self.pid, how)
            await until(lambda: not self.is_alive)

    @property
    def is_alive(self) -> bool:
        """Whether the postmaster runs."""
        return self._postmaster.is_alive()

    async def revive(self) -> None:
        """Start again, with recovery."""
        await asyncio.to_thread(self._postmaster.start, self._known_passwords().superuser)


@dataclass
class Member:
    """One Coda process; `port` of a server."""

    command: str
    log: Path
    port: int = 0
    pid: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    _said_before: int = 0
    _has_come_up: bool = False

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.pid != 0 and is_alive(self.pid)

    @property
    def is_ready(self) -> bool:
        """Whether this life of it has come so far that it works."""
        if not self._has_come_up:
            with self.log.open("rb") as log:
                log.seek(self._said_before)
                self._has_come_up = b" is ready" in log.read()
        return self._has_come_up and self.is_alive

    def begin_life(self) -> None:
        """What its log says from now on is of another process."""
        with self.log.open("a") as log:
            log.write("--- born\n")
        self._said_before, self._has_come_up = self.log.stat().st_size, False

    @property
    def address(self) -> str:
        """Where a server listens."""
        return f"127.0.0.1:{self.port}"


@dataclass
class Cluster:
    """The processes, and what they are joined by."""

    folder: Path
    postgres: MortalPostgres
    redis: RedisServer
    effects: SideEffects
    nursery: Nursery
    servers: list[Member] = field(default_factory=list)
    workers: list[Member] = field(default_factory=list)
    key: str = ""
    _births: int = 0

    def addresses(self) -> list[str]:
        """Where the servers listen, dead or alive."""
        return [server.address for server in self.servers]

    async def bear(self, member: Member) -> None:
        """Start a process, or start it again."""
        self._births += 1
        member.begin_life()
        arguments = ("--port", str(member.port)) if member.port else ()
        member.pid = await self.nursery.bear(member.command, *arguments, log=member.log, settings=member.settings)

    async def ready(self, *members: Member) -> None:
        """Return once processes work; one that died at its start is started again, as a supervisor would."""
        deadline = time.monotonic() + START_WITHIN
        while waiting := [member for member in members if not member.is_ready]:
            if time.monotonic() > deadline:
                late = waiting[0]
                raise TimeoutError(f"{late.command} did not start:\n{late.log.read_text()[-3000:]}")
            await self._replace_dead()
            await asyncio.sleep(_POLL)

    async def died_at(self, *tokens: Path) -> None:
        """Return once somebody has died of each token, and has been replaced."""
        born_before = self._births

        async def have_died() -> bool:
            dead = [member for member in (*self.servers, *self.workers) if not member.is_alive]
            if not any(token.exists() for token in tokens):
                return self._births - born_before + len(dead) >= len(tokens)
            await self._replace_dead()
            return False

        await until(have_died)
        await self.tend()

    async def revive(self) -> None:
        """What supervisors do: start again whatever has died, stores first."""
        if not self.postgres.is_alive:
            await self.postgres.revive()
        if not self.redis.is_running:
            await asyncio.to_thread(self.redis.start)
        await self.tend()

    async def tend(self) -> None:
        """Replace the dead, and return once everybody works."""
        await self._replace_dead()
        await self.ready(*self.servers, *self.workers)

    async def _replace_dead(self) -> None:
        dead = [member for member in (*self.servers, *self.workers) if not member.is_alive]
        await asyncio.gather(*(self.bear(member) for member in dead))

    def add(self, command: str, **settings: str) -> Member:
        """One more process, not yet born; `settings` are its own."""
        of_its_kind = self.workers if command == "worker" else self.servers
        log = self.folder / f"{command}-{len(of_its_kind)}.log"
        log.touch()
        member = Member(command, log, port=0 if command == "worker" else _free_port(), settings=settings)
        of_its_kind.append(member)
        return member

    @asynccontextmanager
    async def other_workers(self, count: int, **settings: str) -> AsyncIterator[None]:
        """Workers with settings of their own instead of the usual ones, which come back with the next `tend`."""
        usual, self.workers = self.workers, []
        for worker in usual:
            await kill(worker)
        try:
            for _ in range(count):
                await self.bear(self.add("worker", **settings))
            await self.ready(*self.workers)
            yield
        finally:
            for worker in self.workers:
                await kill(worker)
            self.workers = usual

    def disarm(self) -> None:
        """Nobody dies any more of what a test has armed."""
        for token in (self.folder / "armed").glob("*/*"):
            token.unlink(missing_ok=True)

    def arm(self, point: KillPoint) -> Path:
        """The next process that passes the point dies; gives the file that is gone then."""
        token = self.folder / "armed" / point / uuid4().hex
        token.parent.mkdir(parents=True, exist_ok=True)
        token.touch()
        return token

    async def sign_in(self) -> None:
        """Get a key that is good for the whole test."""
        address = f"http://{self.servers[0].address}"
        async with httpx.AsyncClient(base_url=address, timeout=START_WITHIN, trust_env=False) as client:
            login = (await client.post("/api/v1/auth/login", json=ADMIN)).raise_for_status().json()
            headers = {"Authorization": f"Bearer {login['access_token']}"}
            made = await client.post("/api/v1/api-keys", json={"name": "chaos"}, headers=headers)
            self.key = made.raise_for_status().json()["key"]

    def complaints(self) -> list[str]:
        """What the processes logged as broken: each sort of it once, with its number."""
        sorts: Counter[str] = Counter()
        for member in (*self.servers, *self.workers):
            for line in member.log.read_text(errors="replace").splitlines():
                if '"level":"error"' in line:
                    entry = orjson.loads(line)
                    cause = (entry.get("exception") or [{}])[-1]
                    sorts[f"{entry['event']}: {cause.get('exc_type')} {cause.get('exc_value', '')[:200]}"] += 1
        return [f"{count} x {sort}" for sort, count in sorts.most_common()]


@asynccontextmanager
async def cluster(
    folder: Path, settings: Mapping[str, str], *, servers: int = 1, workers: int = 2
) -> AsyncIterator[Cluster]:
    """An installation with somebody who may use it; `settings` are environment variables of its processes."""
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(MortalPostgres(folder))
        redis = stack.enter_context(RedisServer(find_redis_server(), folder))
        effects = await stack.enter_async_context(SideEffects())
        own = {
            "HOME": str(folder),
            "CODA_DATA_DIR": str(folder / "data"),
            "CODA_DATABASE_URL": postgres.superuser_url,
            "CODA_DATABASE_POOL_SIZE": "6",
            "CODA_REDIS_URL": redis.url,
            "CODA_SECRET_KEY": "a key for tests, of no secret at all",
            "CODA_ADMIN_EMAIL": ADMIN["email"],
            "CODA_ADMIN_PASSWORD": ADMIN["password"],
            "CODA_LLM__PROBE_OLLAMA": "0",
            "CODA_RUNS__EVENTS_KEPT": "86400",
            kill_points.VARIABLE: str(folder / "armed"),
            side_effects.VARIABLE: effects.url,
        }
        nursery = await stack.enter_async_context(Nursery(own | dict(settings)))
        made = Cluster(folder, postgres, redis, effects, nursery)
        for _ in range(servers):
            await made.bear(made.add("serve"))
        await made.ready(*made.servers)
        for _ in range(workers):
            await made.bear(made.add("worker"))
        await made.ready(*made.workers)
        await made.sign_in()
        yield made


async def kill(member: Member) -> None:
    """End a process with no chance to say anything."""
    with suppress(ProcessLookupError):
        os.kill(member.pid, signal.SIGKILL)
    await until(lambda: not member.is_alive)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def until(condition: Any, *, within: float = 60.0) -> None:  # noqa: ANN401 - a function, async or not
    """Return once a condition holds; raises TimeoutError, which says what did not come true."""
    try:
        async with asyncio.timeout(within):
            while True:
                holds = condition()
                if await holds if asyncio.iscoroutine(holds) else holds:
                    return
                await asyncio.sleep(_POLL)
    except TimeoutError as error:
        raise TimeoutError(f"not within {within:.0f} s: {_told(condition)}") from error


def _told(condition: Any) -> str:  # noqa: ANN401 - see above
    try:
        return inspect.getsource(condition).strip()
    except (TypeError, OSError):
        return repr(condition)
