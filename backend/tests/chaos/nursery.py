"""Brings up `coda serve` and `coda worker` quickly: imports everything once, then forks a process for each order.

A child does what the command does, with the settings of its order and nothing else. `python -m tests.chaos.nursery`
reads orders as lines of JSON, answers each with a process id, and kills its children when nobody orders any more.
"""

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from coda.cli import main as run_coda
from coda.cli.start_up import load_settings, run
from coda.cli.worker import work
from tests.chaos.side_effects import counting_toolsets

BACKEND = Path(__file__).parents[2]


class Nursery:
    """The orders' side: a template process that lives as long as the test does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {"PATH": os.environ["PATH"], **environment}
        self._process: asyncio.subprocess.Process | None = None
        self._one_order = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.nursery", cwd=BACKEND, env=self._environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def bear(self, command: str, *arguments: str, log: Path, settings: Mapping[str, str]) -> int:
        """Start a process; its output goes into `log`. Gives its id."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"arguments": [command, *arguments], "log": str(log), "settings": dict(settings)}
        async with self._one_order:
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            return int(await self._process.stdout.readline())


def is_alive(pid: int) -> bool:
    """Whether a child of the nursery, which leaves no zombies, still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _live(order: Mapping[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(log, number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(order["settings"])
    if order["arguments"] == ["worker"]:
        run(work(load_settings(), toolsets=counting_toolsets()))
    else:
        run_coda(order["arguments"])


def main() -> None:
    """Fork until the orders end."""
    import coda.main  # the heaviest import of `coda serve`, which is why it is here

    assert coda.main
    gc.freeze()
    children: set[int] = set()

    def bury(*_: object) -> None:
        with suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                children.discard(pid)

    signal.signal(signal.SIGCHLD, bury)
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            try:
                _live(json.loads(line))
            except Exception:  # noqa: BLE001 - the last words of a process that could not start
                traceback.print_exc()
            finally:
                os._exit(0)
        children.add(pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()
    for pid in tuple(children):
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
