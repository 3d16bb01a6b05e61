"""Many people at once: sockets that do nothing, runs that stream, and ordinary requests beside them."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from benchmarks.family import pss_by_name
from benchmarks.figures import spread
from benchmarks.load import Job, new_sessions, streams
from benchmarks.websocket import Handlers, WebSocketClient

_OPENED_AT_ONCE = 50
_REQUEST_EVERY = 0.05
_MEMORY_EVERY = 2.0
_FIRST_SERVER_ERROR = 500


@dataclass(slots=True)
class _Witness:
    """What the crowd saw beside its runs."""

    job: Job
    requests_ms: list[float] = field(default_factory=list)
    server_errors: int = 0
    dropped: int = 0
    most_mb: dict[str, float] = field(default_factory=dict)

    def lost(self, _why: str) -> None:
        """A socket was closed by the server."""
        self.dropped += 1

    async def ask_for_pages(self) -> None:
        """Ask for the list of chats, again and again, as an open page would."""
        async with aiohttp.ClientSession(self.job.url) as client:
            number = 0
            while True:
                headers = {"Authorization": f"Bearer {self.job.token_of(number)}"}
                began = time.perf_counter()
                async with client.get("/api/v1/sessions", headers=headers) as answer:
                    await answer.read()
                    self.server_errors += answer.status >= _FIRST_SERVER_ERROR
                self.requests_ms.append((time.perf_counter() - began) * 1000)
                number += 1
                await asyncio.sleep(_REQUEST_EVERY)

    async def weigh(self) -> None:
        """Note the most memory that the server took."""
        while True:
            sizes = await asyncio.to_thread(pss_by_name, self.job.root_pid)
            if sum(sizes.values()) > sum(self.most_mb.values()):
                self.most_mb = {name: round(size, 1) for name, size in sizes.items()}
            await asyncio.sleep(_MEMORY_EVERY)


async def perform(job: Job) -> dict[str, Any]:
    """Open the idle sockets, then let the runs stream."""
    witness = _Witness(job)
    idle = await _open_idle(job, witness)
    memory_idle = pss_by_name(job.root_pid)
    sessions = await new_sessions(job)
    beside = [asyncio.create_task(witness.ask_for_pages()), asyncio.create_task(witness.weigh())]
    result = await streams(job, sessions)
    for task in beside:
        task.cancel()
    ends = await asyncio.gather(*beside, return_exceptions=True)
    for end in ends:
        if not isinstance(end, asyncio.CancelledError) and isinstance(end, BaseException):
            raise end
    dropped = witness.dropped
    for socket in idle:
        socket.close()
    return result | {
        "idle": len(idle),
        "dropped": dropped,
        "request_ms": spread(witness.requests_ms),
        "server_errors": witness.server_errors,
        "idle_mb": {name: round(size, 1) for name, size in memory_idle.items()},
        "most_mb": witness.most_mb,
    }


async def _open_idle(job: Job, witness: _Witness) -> list[WebSocketClient]:
    opened: list[WebSocketClient] = []
    for start in range(0, job.idle, _OPENED_AT_ONCE):
        numbers = range(start, min(start + _OPENED_AT_ONCE, job.idle))
        opened += await asyncio.gather(
            *(
                WebSocketClient.open(job.socket_url, Handlers(_ignore, witness.lost), token=job.token_of(number))
                for number in numbers
            )
        )
    return opened


def _ignore(_payload: bytes) -> None:
    """Idle sockets read nothing."""
