"""Starts runs and watches them, on Coda or on the bare relay; performed by `benchmarks.performer`."""

import asyncio
import gc
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any
from uuid import uuid4

import orjson

from benchmarks.api import CodaApi
from benchmarks.figures import spread
from benchmarks.plan import WARM_UP, Plan
from benchmarks.watching import Meter, WatchedRun, clock_ms
from benchmarks.websocket import Handlers, WebSocketClient

_QUESTION = "Say something."
_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Job:
    """What to do. `streams` runs at once over sockets, `rounds` times; or `posts` messages over HTTP in `lanes`.

    Without a token the target is the relay. `session_id`: ask in this chat instead of new ones (one stream only).
    `replay`: attach to this finished run, `rounds` times. `idle`: so many more sockets. `crowd`: tokens of the people
    whose sockets and runs they are, in turn; without them all are of one.
    """

    url: str
    model: str
    root_pid: int
    token: str | None = None
    streams: int = 1
    rounds: int = 1
    posts: int = 0
    lanes: int = 1
    session_id: str | None = None
    replay: str | None = None
    idle: int = 0
    crowd: tuple[str, ...] = ()

    @property
    def socket_url(self) -> str:
        """Where sockets connect."""
        return self.url + ("/ws" if self.token is None else "/api/v1/ws")

    def token_of(self, index: int) -> str | None:
        """Who opens a socket."""
        return self.crowd[index % len(self.crowd)] if self.crowd else self.token

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


async def perform(job: Job) -> dict[str, Any]:
    """Do a job."""
    if job.token is None:
        return await streams(job, [None] * job.streams * (job.rounds + 1))
    if job.posts:
        async with CodaApi(job.url, token=job.token) as api:
            return await _posts(job, api)
    if job.session_id:
        return await streams(job, [job.session_id] * job.streams * (job.rounds + 1))
    return await streams(job, await new_sessions(job))


async def new_sessions(job: Job) -> list[str]:
    """A new chat for each stream of each round, and of the warm-up, owned by whoever opens that stream's socket."""
    rounds = job.rounds + 1
    people = len(job.crowd) or 1
    owned: list[list[str]] = []
    for index in range(min(job.streams, people)):
        async with CodaApi(job.url, token=job.token_of(index)) as api:
            owned.append(await api.create_sessions(len(range(index, job.streams, people)) * rounds))
    return [owned[index % people].pop() for _ in range(rounds) for index in range(job.streams)]


async def _posts(job: Job, api: CodaApi) -> dict[str, Any]:
    sessions = iter(await api.create_sessions(job.posts + job.lanes))
    taken: list[float] = []

    async def lane(count: int) -> None:
        await api.ask(next(sessions), model=f"openai/{job.model}", content=_QUESTION)
        for _ in range(count):
            began = time.perf_counter()
            await api.ask(next(sessions), model=f"openai/{job.model}", content=_QUESTION)
            taken.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(lane(job.posts // job.lanes) for _ in range(job.lanes)))
    return {"post_ms": spread(taken)}


class _Sockets:
    """One socket for each stream."""

    def __init__(self, job: Job, sessions: Sequence[str | None]) -> None:
        self._job, self._sessions = job, iter(sessions)
        self._runs: list[WatchedRun | None] = [None] * job.streams
        self._sockets: list[WebSocketClient] = []
        self._lost: dict[int, str] = {}

    @classmethod
    async def open(cls, job: Job, sessions: Sequence[str | None]) -> "_Sockets":
        """Connect them all."""
        opened = cls(job, sessions)
        opened._sockets = [
            await WebSocketClient.open(job.socket_url, opened._handlers(index), token=job.token_of(index))
            for index in range(job.streams)
        ]
        return opened

    async def round(self, meter: Meter, model: str) -> list[WatchedRun]:
        """Start one run on every socket in the same moment, and see them all to their ends."""
        expected = Plan.of(model).tokens
        runs = [WatchedRun(str(uuid4()), expected, meter) for _ in self._sockets]
        self._runs = list(runs)
        asked = [self._start(run, model) for run in runs]
        for run, socket, frame in zip(runs, self._sockets, asked, strict=True):
            run.sent_ms = clock_ms()
            socket.send(frame)
        for index, why in self._lost.items():
            runs[index].end(why)
        ends = [asyncio.create_task(run.done.wait()) for run in runs]
        _, late = await asyncio.wait(ends, timeout=_LIMIT_SECONDS)
        for task in late:
            task.cancel()
        for run in runs:
            run.end(f"not at its end after {_LIMIT_SECONDS} s")
        return runs

    def close(self) -> None:
        """Leave."""
        for socket in self._sockets:
            socket.close()

    def _start(self, run: WatchedRun, model: str) -> bytes:
        session_id = next(self._sessions)
        if session_id is None:
            return orjson.dumps({"run_id": run.run_id, "model": model})
        return orjson.dumps(
            {
                "op": "start",
                "ref": run.run_id,
                "session_id": session_id,
                "run_id": run.run_id,
                "message": {"id": str(uuid4()), "content": _QUESTION},
                "model": f"openai/{model}",
            }
        )

    def _handlers(self, index: int) -> Handlers:
        def text(payload: bytes) -> None:
            run = self._runs[index]
            if run is not None:
                run.receive(payload)

        def closed(why: str) -> None:
            self._lost[index] = why
            run = self._runs[index]
            if run is not None:
                run.end(why)

        return Handlers(text, closed)


async def streams(job: Job, sessions: Sequence[str | None]) -> dict[str, Any]:
    """Warm up, then measure the rounds; each stream of a round takes the next session."""
    sockets = await _Sockets.open(job, sessions)
    for run in await sockets.round(Meter(job.root_pid, job.streams), WARM_UP.model):
        if run.problem:
            raise RuntimeError(f"Nothing can be measured: {run.problem}")
    meter = Meter(job.root_pid, job.streams)
    gc.collect()
    gc.disable()
    meter.start()
    began = time.perf_counter()
    runs = [run for _ in range(job.rounds) for run in await sockets.round(meter, job.model)]
    wall = time.perf_counter() - began
    used = meter.used()
    sockets.close()
    return _summary(job, runs, used) | {"wall_s": round(wall, 2), "steady_us_per_token": meter.steady_us_per_token()}


def _summary(job: Job, runs: Sequence[WatchedRun], used: dict[str, float]) -> dict[str, Any]:
    tokens = sum(len(run.delays) for run in runs)
    spoke = [run for run in runs if run.delays]
    pauses = [after - before for run in spoke for before, after in pairwise(run.delays)]
    return {
        "model": job.model,
        "streams": job.streams,
        "runs": len(runs),
        "finished": sum(run.is_finished for run in runs),
        "tokens": tokens,
        "lost": Plan.of(job.model).tokens * len(runs) - tokens,
        "gaps_in_seq": sum(run.gaps for run in runs),
        "ack_ms": spread([run.acked_ms - run.sent_ms for run in runs if run.acked_ms]),
        "to_upstream_ms": spread([run.arrived_ms - run.sent_ms for run in spoke]),
        "added_first_token_ms": spread([run.added_ms for run in spoke]),
        "token_delay_ms": spread([delay for run in runs for delay in run.delays]),
        "longest_pause_added_ms": round(max(pauses, default=0), 1),
        "cpu_s": used,
        "cpu_us_per_token": round(sum(used.values()) * 1e6 / tokens, 1) if tokens else None,
        "first_problem": next((run.problem for run in runs if run.problem), None),
    }
