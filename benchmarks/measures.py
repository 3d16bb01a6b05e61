"""What is measured, one step after the other, on servers that run beside each other."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.api import CodaApi
from benchmarks.bundle import kilobytes
from benchmarks.family import pss_by_name
from benchmarks.load import Job
from benchmarks.plan import FIRST_TOKEN, SHORT, STREAM
from benchmarks.servers import ROOT, Server, put_to_work, wait_until_ready

EMAIL, PASSWORD = "admin@example.com", "benchmarks-only"
STREAMS = (1, 20, 100)
_WARM_STARTS = 3
_IDLE_SECONDS = 5.0
_POSTS = 200
_LANES = 16
_EXCHANGES, _MESSAGE_SIZE = 100, 100_000
_ALONE, _TOGETHER = 20, 3
_CHAT_ROUNDS = 5


@dataclass(slots=True)
class Results:
    """Everything that was found, in the order of measuring."""

    found: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, result: Any) -> None:  # noqa: ANN401 - any JSON value
        """Keep a result."""
        self.found[name] = result


async def measure_starts(coda: Server, results: Results) -> None:
    """Start on an empty data folder, then again and again; leaves it running."""
    results.add("cold_start_s", await _start(coda))
    warm: list[float] = []
    for _ in range(_WARM_STARTS):
        await coda.stop()
        warm.append(await _start(coda))
    results.add("warm_start_s", sorted(warm))


async def _start(coda: Server) -> float:
    began = time.perf_counter()
    await coda.start()
    await wait_until_ready(coda)
    return round(time.perf_counter() - began, 2)


async def measure_memory(coda: Server, results: Results, *, name: str) -> None:
    """Memory after some seconds without work."""
    await asyncio.sleep(_IDLE_SECONDS)
    results.add(name, {program: round(size, 1) for program, size in pss_by_name(coda.pid).items()})


@dataclass(slots=True)
class Contest:
    """Coda and the relay under the same loads, in turn."""

    coda: Server
    relay: Server
    results: Results

    async def run(self) -> None:
        """All that is measured beside the relay, then what only Coda does."""
        await self._first_tokens()
        await self._streams()
        await self._posts()
        await self._long_chat()

    async def _first_tokens(self) -> None:
        for streams, rounds in ((1, _ALONE), (100, _TOGETHER)):
            await self._both(f"first_token_{streams}", FIRST_TOKEN.model, streams=streams, rounds=rounds)

    async def _streams(self) -> None:
        for streams in STREAMS:
            await self._both(f"stream_{streams}", STREAM.model, streams=streams)

    async def _both(self, name: str, model: str, *, streams: int, rounds: int = 1) -> None:
        relay = Job(self.relay.url, model, self.relay.pid, streams=streams, rounds=rounds)
        self.results.add(f"{name}_relay", await put_to_work(relay))
        self.results.add(f"{name}_coda", await self._on_coda(model, streams=streams, rounds=rounds))

    async def _posts(self) -> None:
        self.results.add("posts_1", await self._on_coda(SHORT.model, posts=_POSTS))
        self.results.add(f"posts_{_LANES}", await self._on_coda(SHORT.model, posts=_POSTS, lanes=_LANES))

    async def _long_chat(self) -> None:
        """The same short answers in an empty chat and under ten megabytes of messages."""
        async with CodaApi(self.coda.url) as api:
            await api.sign_in(email=EMAIL, password=PASSWORD)
            empty, long = await api.create_sessions(2)
            for _ in range(_EXCHANGES):
                asked = await api.ask(long, model=f"openai/{SHORT.model}", content="word " * (_MESSAGE_SIZE // 5))
                await api.wait_for_end(asked["run"]["id"])
        for name, session_id in (("chat_empty", empty), ("chat_10_mb", long)):
            job = await self._on_coda(FIRST_TOKEN.model, rounds=_CHAT_ROUNDS, session_id=session_id)
            self.results.add(name, job)

    async def _on_coda(self, model: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a Job
        async with CodaApi(self.coda.url) as api:
            token = await api.sign_in(email=EMAIL, password=PASSWORD)
        return await put_to_work(Job(self.coda.url, model, self.coda.pid, token=token, **how))


async def measure(folder: Path, results: Results) -> None:
    """Everything, in one go."""
    async with servers.upstream(folder) as upstream, servers.relay(folder, upstream_url=upstream.url) as relay:
        coda = servers.coda(folder, upstream_url=upstream.url, email=EMAIL, password=PASSWORD)
        try:
            await measure_starts(coda, results)
            await measure_memory(coda, results, name="idle_mb")
            await Contest(coda, relay, results).run()
            await measure_memory(coda, results, name="after_load_mb")
        finally:
            await coda.stop()
    results.add("javascript_kb", await asyncio.to_thread(kilobytes, ROOT / "frontend"))
