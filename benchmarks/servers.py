"""Starts the processes that are measured, and stops exactly those."""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from benchmarks.family import family, is_alive
from benchmarks.load import Job

ROOT = Path(__file__).parents[1]
_CODA = str(Path(sys.executable).with_name("coda"))
_POLL = 0.005
_START_SECONDS = 60
_STOP_SECONDS = 20
_OURS = ("CODA_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "OPENROUTER_", "AZURE_", "OLLAMA_", "OTEL_")


class ServerDidNotStart(RuntimeError):
    """A process ended, or said nothing, before it was there."""


@dataclass(slots=True)
class Server:
    """One process that says when it is there, and mostly where; its output goes into a file."""

    command: list[str]
    log: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    announces: str = "listening on "
    pid: int = 0
    port: int = 0
    _process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and read its port, if it names one; raises ServerDidNotStart."""
        with self.log.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                cwd=self.folder,
                env=_plain_environment() | self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.pid = self._process.pid
        deadline = time.monotonic() + _START_SECONDS
        try:
            while (announced := self._announced()) is None:
                if self._process.returncode is not None or time.monotonic() > deadline:
                    raise ServerDidNotStart(f"{' '.join(self.command)}\n{self.log.read_text()[-2000:]}")
                await asyncio.sleep(_POLL)
        except BaseException:
            await self.stop()
            raise
        port = announced.rpartition(":")[2].strip()
        self.port = int(port) if port.isdigit() else 0

    async def stop(self) -> None:
        """Ask it to end; whatever of its family is left after a while is killed."""
        if self._process is None:
            return
        members = family(self.pid)
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        for pid in members:
            if pid != self.pid and is_alive(pid):
                os.kill(pid, signal.SIGTERM)
        self._process = None

    def _announced(self) -> str | None:
        _, mark, rest = self.log.read_text(errors="replace").partition(self.announces)
        said, end, _ = rest.partition("\n")
        return said if mark and end else None


def upstream(folder: Path) -> Server:
    """The paced model server."""
    return Server(_module("benchmarks.upstream"), folder / "upstream.log", ROOT)


def relay(folder: Path, *, upstream_url: str) -> Server:
    """The bare relay."""
    return Server([*_module("benchmarks.relay"), f"{upstream_url}/v1"], folder / "relay.log", ROOT)


def coda(folder: Path, *, upstream_url: str, email: str, password: str, redis_url: str | None = None) -> Server:
    """`coda serve` with its defaults: embedded Postgres and one process, unless there is a Redis."""
    environment = _coda_environment(folder, upstream_url=upstream_url, redis_url=redis_url)
    admin = {"CODA_PORT": "0", "CODA_ADMIN_EMAIL": email, "CODA_ADMIN_PASSWORD": password}
    return Server([_CODA, "serve"], folder / "coda.log", folder, environment | admin, announces=" is ready at ")


def coda_worker(folder: Path, number: int, *, upstream_url: str, redis_url: str) -> Server:
    """`coda worker` on the Postgres of the `coda serve` of the same folder."""
    environment = _coda_environment(folder, upstream_url=upstream_url, redis_url=redis_url)
    log = folder / f"worker-{number}.log"
    return Server([_CODA, "worker"], log, folder, environment, announces="The worker is ready")


def _coda_environment(folder: Path, *, upstream_url: str, redis_url: str | None) -> dict[str, str]:
    environment = {
        "CODA_DATA_DIR": str(folder / "data"),
        "CODA_LLM__PROBE_OLLAMA": "false",
        "CODA_RUNS__MODEL_TITLES": "false",  # each would be one more model call for a new chat
        "CODA_RUNS__MAX_PER_USER": "1000",  # one person stands for many
        "CODA_RUNS__MAX_QUEUED_PER_USER": "5000",
        "OPENAI_BASE_URL": f"{upstream_url}/v1",
        "OPENAI_API_KEY": "none",
    }
    return environment if redis_url is None else environment | {"CODA_REDIS_URL": redis_url}


async def wait_until_ready(server: Server) -> None:
    """Return when /readyz says so; raises TimeoutError."""
    async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession(server.url) as client:
        while True:
            async with client.get("/readyz") as answer:
                if answer.ok:
                    return
            await asyncio.sleep(_POLL)


async def put_to_work(job: Job) -> dict[str, Any]:
    """Let a load process of its own do a job."""
    process = await asyncio.create_subprocess_exec(
        *_module("benchmarks.performer"),
        cwd=ROOT,
        env=_plain_environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        answer, _ = await process.communicate(orjson.dumps(job.as_dict()))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"The load process ended with {process.returncode}.")
    result: dict[str, Any] = orjson.loads(answer)
    return result


def _module(name: str) -> list[str]:
    return [sys.executable, "-m", name]


def _plain_environment() -> dict[str, str]:
    """The environment without settings of Coda and keys of providers, which would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
