"""The process of a server, behind the launcher that ends it with us."""

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from coda.tools.mcp.stdio.command import Command
from coda.tools.mcp.stdio.errors import CommandUnusable

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
_POLITE_SECONDS: Final = 1.0
"""How long a server may take to end by itself once its stdin is closed."""
_KILLED_SECONDS: Final = 3.0
_MEBIBYTE: Final = 1024**2


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """Of one server: megabytes that it may write to, files it may open, processes of Coda's user."""

    memory_mb: int = 2_048
    files: int = 1_024
    processes: int | None = None

    @property
    def by_name(self) -> dict[str, int]:
        """As the system calls them. Address space is no measure: Node reserves far more than it uses."""
        memory = "RLIMIT_DATA" if sys.platform == "linux" else "RLIMIT_AS"
        named = {memory: self.memory_mb * _MEBIBYTE, "RLIMIT_NOFILE": self.files}
        if sys.platform == "darwin":
            del named[memory]  # macOS refuses it
        return named if self.processes is None else {**named, "RLIMIT_NPROC": self.processes}


class ServerProcess:
    """A started command with its pipes."""

    def __init__(self, process: asyncio.subprocess.Process, lifeline: int) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise AssertionError("a server has pipes")
        self._process, self._lifeline = process, lifeline
        self.stdin, self.stdout, self.stderr = process.stdin, process.stdout, process.stderr

    @classmethod
    async def start(cls, command: Command, limits: ProcessLimits) -> "ServerProcess":
        """Start a command; raises CommandUnusable."""
        located = await asyncio.to_thread(command.located)
        theirs, ours = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-S", str(_LAUNCHER),
                str(theirs), orjson.dumps(limits.by_name).decode(), *located,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=command.full_environment,
                cwd=command.folder,
                pass_fds=(theirs,),
                start_new_session=True,
            )  # fmt: skip
        except BaseException as error:
            os.close(ours)
            if isinstance(error, OSError | ValueError):
                raise CommandUnusable(str(error)) from None
            raise
        finally:
            os.close(theirs)
        return cls(process, ours)

    @property
    def pid(self) -> int:
        """Of the launcher."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The command's, once all of it has ended."""
        return self._process.returncode

    async def has_ended(self, within: float) -> bool:
        """Whether it ends by itself in so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._process.wait()
        return self.exit_code is not None

    async def end(self) -> None:
        """Let it end by itself, then have the launcher end it, then kill the launcher."""
        self.stdin.close()
        is_gone = await self.has_ended(_POLITE_SECONDS) if self._lifeline >= 0 else False
        self.let_go()
        if not is_gone and not await self.has_ended(_KILLED_SECONDS):
            with suppress(ProcessLookupError):
                self._process.kill()
            await self.has_ended(_KILLED_SECONDS)

    def let_go(self) -> None:
        """Break the pipe to the launcher: it ends everything within a second, whatever becomes of us."""
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
