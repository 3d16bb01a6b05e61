"""The pool of worker processes: few, started when they are needed, replaced when they die, killed with their call."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog

from coda.core.fair_gate import FairGate, GateFull
from coda.tools.errors import ToolFailed, WorkerLost, WorkersBusy
from coda.tools.workers.worker import Worker, WorkerDied

log = structlog.get_logger(__name__)

_MOST_WAITING: Final = 200
_MOST_CALLS: Final = 200
"""Calls that one process takes before a fresh one takes its place: what it has leaked is given back."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Of a pool: its size, and what one process may use. `seconds`: processor time of a call."""

    processes: int = 2
    memory_bytes: int = 2 * 1024**3
    seconds: float = 30


class WorkerBroke(Exception):
    """The function raised what it should not."""


class WorkerPool:
    """One for the whole process. A call waits its turn within its own deadline; the people who wait take turns."""

    def __init__(self, limits: WorkerLimits) -> None:
        self._limits = limits
        self._gate = FairGate(limits.processes, most_waiting=_MOST_WAITING)
        self._idle: list[Worker] = []
        self._workers: set[Worker] = set()
        self._is_closed = False

    @property
    def pids(self) -> set[int]:
        """The processes that it has now."""
        return {worker.pid for worker in self._workers}

    async def call(self, function: str, argument: Any, *, caller: Hashable) -> Any:  # noqa: ANN401 - any JSON value
        """`module:function` of one JSON value, in a worker process. Cancelling the call kills the process.

        Raises what the function raised as ToolFailed, WorkersBusy, and WorkerLost where it took too much.
        """
        call = orjson.dumps({"function": function, "argument": argument, "seconds": self._limits.seconds})
        try:
            async with self._gate.place(caller):
                answer = await self._ask(call)
        except GateFull:
            raise WorkersBusy from None
        except WorkerDied:
            log.warning("worker.died", function=function)
            raise WorkerLost from None
        if "failed" in answer:
            raise ToolFailed(answer["failed"], **answer["details"])
        if "broken" in answer:
            raise WorkerBroke(answer["broken"])
        return answer["value"]

    async def close(self) -> None:
        """Kill all of them, whatever they do."""
        self._is_closed = True
        for worker in list(self._workers):
            await worker.end()
        self._workers.clear()
        self._idle.clear()

    async def _ask(self, call: bytes) -> dict[str, Any]:
        worker = await self._take()
        try:
            answer = await worker.ask(call)
        except BaseException:
            self._workers.discard(worker)
            await worker.end()
            raise
        await self._give_back(worker)
        return answer

    async def _take(self) -> Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            self._workers.discard(worker)
        if self._is_closed:
            raise WorkerDied
        worker = await Worker.start(memory_bytes=self._limits.memory_bytes)
        self._workers.add(worker)
        return worker

    async def _give_back(self, worker: Worker) -> None:
        if worker.calls < _MOST_CALLS and not self._is_closed:
            self._idle.append(worker)
            return
        self._workers.discard(worker)
        await worker.end()
