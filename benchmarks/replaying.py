"""Attaches to a finished run again and again: how long its whole stream takes to come back."""

import asyncio
import time
from typing import Any

import orjson

from benchmarks.figures import spread
from benchmarks.load import Job
from benchmarks.websocket import Handlers, WebSocketClient

_LIMIT_SECONDS = 30


class _Replay:
    """One attachment on its way."""

    def __init__(self) -> None:
        self.events = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def receive(self, payload: bytes) -> None:
        frame = orjson.loads(payload)
        for event in frame if isinstance(frame, list) else (frame,):
            self.events += "type" in event
            if event.get("type") == "RUN_FINISHED":
                self._end(None)
            elif event.get("op") == "error":
                self._end(orjson.dumps(event).decode())

    def closed(self, why: str) -> None:
        self._end(why)

    def _end(self, problem: str | None) -> None:
        if self.over.done():
            return
        if problem is None:
            self.over.set_result(None)
        else:
            self.over.set_exception(RuntimeError(f"Nothing can be replayed: {problem}"))


async def perform(job: Job) -> dict[str, Any]:
    """Attach from the beginning, `rounds` times, each time on a new socket."""
    taken: list[float] = []
    events = 0
    for _ in range(job.rounds):
        replay = _Replay()
        socket = await WebSocketClient.open(job.socket_url, Handlers(replay.receive, replay.closed), token=job.token)
        began = time.perf_counter()
        socket.send(orjson.dumps({"op": "attach", "ref": "replay", "run_id": job.replay, "after": 0}))
        async with asyncio.timeout(_LIMIT_SECONDS):
            await replay.over
        taken.append((time.perf_counter() - began) * 1000)
        events = replay.events
        socket.close()
    return {"replay_ms": spread(taken), "events": events}
