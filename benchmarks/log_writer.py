"""`python -m benchmarks.log_writer`: what a token costs from the log writer to a browser's socket.

Runs speak at 20 tokens a second without a model or a graph around them. Three times: nobody stores what they say (what
speaking itself costs, taken off the others); the log writer stores it; a WebSocket watches each run too. The far ends
of the sockets are in another process, which is not counted. Prints microseconds of CPU per token.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from socket import create_server
from typing import Any
from uuid import UUID

import orjson
import uvicorn
import uvloop
from fastapi import FastAPI
from sqlalchemy import text

from benchmarks.family import cpu_seconds
from benchmarks.servers import ROOT
from benchmarks.websocket import Handlers, WebSocketClient
from coda.auth.wiring import build_authenticator
from coda.core.db import Database
from coda.core.db.migrations import migrate
from coda.core.ids import new_id
from coda.core.postgres import EmbeddedPostgres
from coda.core.rate_limit import MemoryRateLimiter
from coda.core.scope import Person, Scope
from coda.core.security import AccessClaims
from coda.core.settings import Settings
from coda.identity.wiring import Identity, build_identity
from coda.runs.connections import endpoint
from coda.runs.connections.limits import SocketLimits
from coda.runs.connections.services import build_socket_services
from coda.runs.log import LogWriter, RunLog
from coda.runs.stream import events
from coda.runs.stream.attach import RunStreams
from coda.runs.stream.hub.memory import MemoryHub
from coda.runs.stream.hub.port import Hub
from coda.runs.stream.hub.redis import RedisHub

_PAUSE = 0.05
_FLUSH = timedelta(milliseconds=30)
_SECRET = "a key for a benchmark, of no secret at all"  # noqa: S105 - signs nothing that lasts
_LIMIT_SECONDS = 120
_PERSON = (
    "insert into users (id, email, name) values (:user, 'ada@example.org', 'Ada')",
    "insert into organizations (id, name, kind) values (:org, 'Lab', 'shared')",
    "insert into memberships (org_id, user_id, role) values (:org, :user, 'admin')",
    "insert into logins (id, user_id, org_id) values (:login, :user, :org)",
    "insert into chat_sessions (org_id, id, owner_id) values (:org, :chat, :user)",
    "insert into messages (org_id, id, session_id, role, content, status)"
    " values (:org, :message, :chat, 'assistant', '[]', 'streaming')",
)
_RUN = (
    "insert into runs (org_id, id, session_id, message_id, user_id, root_run_id, status, model, params, request_hash)"
    " values (:org, :run, :chat, :message, :user, :run, 'running', 'demo/coda', '{}', '')",
    "insert into run_queue (run_id, org_id, user_id, state, fence) values (:run, :org, :user, 'running', 1)",
)


@dataclass(slots=True)
class Stage:
    """A database with one person, and what writes and serves that person's runs."""

    database: Database
    postgres_pid: int
    hub: Hub
    writer: LogWriter
    facts: dict[str, UUID]
    identity: Identity = field(default_factory=lambda: build_identity(_settings(), MemoryRateLimiter()))

    @property
    def token(self) -> str:
        """The person's access token."""
        return self.identity.tokens.issue(AccessClaims(self.facts["user"], self.facts["org"], self.facts["login"]))

    async def stage_runs(self, count: int) -> list[RunLog]:
        """Runs that are claimed already."""
        logs = []
        scope = Scope(self.facts["org"], Person(self.facts["user"]))
        async with self.database.transaction(scope) as db:
            for _ in range(count):
                run_id = new_id()
                for statement in _RUN:
                    await db.execute(text(statement), {**self.facts, "run": run_id})
                logs.append(
                    self.writer.register(
                        run_id=run_id, org_id=self.facts["org"], session_id=self.facts["chat"], fence=1, first_seq=1
                    )
                )
        return logs


@dataclass(slots=True)
class Cost:
    """CPU seconds of this process and of Postgres."""

    python: float
    postgres: float


def main() -> int:
    """Measure, or read sockets for a measuring process."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.log_writer", description=__doc__)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=200, help="tokens of each run")
    parser.add_argument("--redis", help="address of a Redis server: frames go through it")
    parser.add_argument("--watch", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    uvloop.run(_watch() if arguments.watch else _measure(arguments))
    return 0


async def _measure(arguments: argparse.Namespace) -> None:
    tokens = arguments.streams * arguments.tokens
    with tempfile.TemporaryDirectory(prefix="coda-bench-", ignore_cleanup_errors=True) as folder:
        async with asyncio.timeout(_LIMIT_SECONDS), _stage(Path(folder), arguments.redis) as stage:
            speaking = await _cost(stage, [_nothing] * arguments.streams, arguments.tokens)
            stored = await _cost_of_storing(stage, arguments)
            async with _watched(stage, arguments.streams) as logs:
                sent = await _cost(stage, [_speaker(log) for log in logs], arguments.tokens)
                await _finish(stage, logs)
    for name, cost in (("stored", stored), ("stored and sent to one socket each", sent)):
        python = (cost.python - speaking.python) / tokens * 1e6
        sys.stdout.write(
            f"{arguments.streams} runs, {name}: {python:.1f} us of Coda and"
            f" {cost.postgres / tokens * 1e6:.1f} us of Postgres per token\n"
        )
    sys.stdout.write(f"(speaking itself: {speaking.python / tokens * 1e6:.1f} us per token, taken off)\n")


async def _cost_of_storing(stage: Stage, arguments: argparse.Namespace) -> Cost:
    logs = await stage.stage_runs(arguments.streams)
    cost = await _cost(stage, [_speaker(log) for log in logs], arguments.tokens)
    await _finish(stage, logs)
    return cost


def _nothing(_: int) -> None:
    """Say a word to nobody."""


def _speaker(log: RunLog) -> Callable[[int], None]:
    part_id = f"{log.key.run_id}.1"
    return lambda word: log.append_delta(events.TEXT_CONTENT, part_id, f"token{word} ")


async def _cost(stage: Stage, speakers: Sequence[Callable[[int], None]], tokens: int) -> Cost:
    """Let all speak at once, each with its own beginning."""

    async def speak(number: int, say: Callable[[int], None]) -> None:
        await asyncio.sleep(number * _PAUSE / len(speakers))
        for word in range(tokens):
            say(word)
            await asyncio.sleep(_PAUSE)

    python, postgres = time.process_time(), cpu_seconds(stage.postgres_pid)
    await asyncio.gather(*(speak(number, say) for number, say in enumerate(speakers)))
    return Cost(time.process_time() - python, cpu_seconds(stage.postgres_pid) - postgres)


async def _finish(stage: Stage, logs: Sequence[RunLog]) -> None:
    for log in logs:
        log.append(
            events.run_finished(session_id=stage.facts["chat"], run_id=log.key.run_id, outcome={"type": "success"})
        )
    await asyncio.gather(*(log.drained() for log in logs))


@asynccontextmanager
async def _stage(folder: Path, redis: str | None) -> AsyncIterator[Stage]:
    postgres = EmbeddedPostgres(folder)
    urls = await postgres.start()
    try:
        await migrate(urls)
        database = Database(urls)
        facts = {name: new_id() for name in ("user", "org", "login", "chat", "message")}
        async with database.transaction(Scope(facts["org"], Person(facts["user"]))) as db:
            for statement in _PERSON:
                await db.execute(text(statement), facts)
        hub: Hub = RedisHub(redis) if redis else MemoryHub()
        await hub.start()
        writer = LogWriter(database.system_engine, hub, flush_interval=_FLUSH)
        writer.start()
        yield Stage(database, postgres.pid or 0, hub, writer, facts)
        await writer.close()
        await hub.close()
        await database.close()
    finally:
        await postgres.stop()


def _settings() -> Settings:
    return Settings.model_validate({"secret_key": _SECRET})


@asynccontextmanager
async def _watched(stage: Stage, count: int) -> AsyncIterator[list[RunLog]]:
    """Serve sockets, and have another process watch a run on each."""
    logs = await stage.stage_runs(count)
    async with _served(stage) as port:
        job = {"port": port, "token": stage.token, "runs": [str(log.key.run_id) for log in logs]}
        watcher = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "benchmarks.log_writer", "--watch"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert watcher.stdin is not None  # noqa: S101 - both are pipes
        assert watcher.stdout is not None  # noqa: S101 - both are pipes
        watcher.stdin.write(orjson.dumps(job) + b"\n")
        try:
            await watcher.stdout.readline()
            yield logs
            heard = orjson.loads(await watcher.stdout.readline())
            await watcher.wait()
        finally:
            if watcher.returncode is None:
                watcher.kill()
                await watcher.wait()
        if heard["gaps"] or heard["ended"] != count:
            raise RuntimeError(f"The watchers missed something: {heard}")


@asynccontextmanager
async def _served(stage: Stage) -> AsyncIterator[int]:
    app = FastAPI()
    app.include_router(endpoint.router)
    commands: Any = None  # nobody starts a run here
    app.state.settings, app.state.database = _settings(), stage.database
    app.state.authenticator = build_authenticator(stage.identity)
    app.state.sockets = build_socket_services(
        stage.database,
        RunStreams(stage.database, stage.hub, _settings().runs),
        commands,
        app.state.authenticator,
        limits=SocketLimits(sockets_per_user=100_000),
    )
    app.state.sockets.registry.start()
    listening = create_server(("127.0.0.1", 0), backlog=1024)
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        await app.state.sockets.registry.close()


class _Server(uvicorn.Server):
    """Leaves signals to this process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch none."""
        yield


def _complain(why: str) -> None:
    sys.stderr.write(f"{why}\n")


async def _watch() -> None:
    """Attach a socket to each run; say when all are, and what they heard when all runs have ended."""
    job = orjson.loads(await asyncio.to_thread(sys.stdin.readline))
    heard = {"ended": 0, "gaps": 0, "tokens": 0}
    all_ended = asyncio.Event()
    attached = asyncio.Semaphore(0)

    def watcher() -> Callable[[bytes], None]:
        last_seq = 0

        def take(message: bytes) -> None:
            nonlocal last_seq
            value = orjson.loads(message)
            for item in value if isinstance(value, list) else [value]:
                if "op" in item:
                    attached.release()
                    continue
                heard["gaps"] += item["metadata"]["coda"]["seq"] != last_seq + 1
                last_seq = item["metadata"]["coda"]["seq"]
                heard["tokens"] += item.get("delta", "").count(" ")
                heard["ended"] += item["type"] == "RUN_FINISHED"
            if heard["ended"] == len(job["runs"]):
                all_ended.set()

        return take

    for run_id in job["runs"]:
        handlers = Handlers(watcher(), _complain)
        client = await WebSocketClient.open(f"ws://127.0.0.1:{job['port']}/api/v1/ws", handlers, token=job["token"])
        client.send(orjson.dumps({"op": "attach", "ref": "1", "run_id": run_id}))
        await attached.acquire()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.wait_for(all_ended.wait(), _LIMIT_SECONDS)
    sys.stdout.write(orjson.dumps(heard).decode() + "\n")


if __name__ == "__main__":
    sys.exit(main())
