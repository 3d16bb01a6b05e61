"""One worker process, as its parent sees it."""

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import orjson

from coda.tools.workers.child import LENGTH_BYTES

_CHILD: Final = Path(__file__).with_name("child.py")


class WorkerDied(Exception):
    """It ended in the middle of a call: its limits, or a crash."""


class Worker:
    """Takes one call at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.calls = 0

    @classmethod
    async def start(cls, *, memory_bytes: int) -> "Worker":
        """A process of its own session, so that Ctrl-C reaches it through its parent only; without our environment."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_CHILD),
            str(os.getpid()),
            str(memory_bytes),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
        return cls(process)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended, as far as is known."""
        return self._process.returncode is None

    async def ask(self, call: bytes) -> dict[str, Any]:
        """Make a call; raises WorkerDied. A call that is cancelled leaves it unusable: end it."""
        self.calls += 1
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise AssertionError("a worker has pipes")
        try:
            stdin.write(len(call).to_bytes(LENGTH_BYTES, "big") + call)
            await stdin.drain()
            size = int.from_bytes(await stdout.readexactly(LENGTH_BYTES), "big")
            answer: dict[str, Any] = orjson.loads(await stdout.readexactly(size))
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            raise WorkerDied from None
        return answer

    def kill(self) -> None:
        """End it at once."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def end(self) -> None:
        """End it at once, and wait until it is gone."""
        self.kill()
        await self._process.wait()
