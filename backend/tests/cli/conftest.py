"""`coda` as a person runs it: a process of its own, with nothing but the settings it is given."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

Coda = Callable[..., "subprocess.CompletedProcess[str]"]
CODA = (sys.executable, "-m", "coda")
ADMIN = {"email": "ada@example.org", "password": "a long enough pass phrase"}
_READY_WITHIN = 60.0


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty home folder of this test alone."""
    with _folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def model_home() -> Iterator[Path]:
    """A home in which Coda has run before, with an administrator."""
    with _folder() as folder:
        _run(folder, "user", "create", ADMIN["email"], "--password", ADMIN["password"]).check_returncode()
        yield folder


@pytest.fixture
def lived_in(model_home: Path, home: Path) -> Path:
    """This test's home, with a copy of what a Coda that ran before left in it."""
    _copy(model_home, home)
    return home


@pytest.fixture(scope="session")
def running(model_home: Path) -> Iterator["Server"]:
    """One Coda with an administrator, for all tests that need a running one and leave it running."""
    with _folder() as folder:
        _copy(model_home, folder)
        server = Server(folder, {"CODA_LLM__DEMO_TOKENS_PER_SECOND": "100"}, is_measured=True)
        yield server
        server.stop()


def _copy(model: Path, home: Path) -> None:
    subprocess.run(["cp", "-a", f"{model}/.", f"{home}"], check=True)  # noqa: S603, S607 - cp keeps owners as root


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="coda-cli-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(home: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603 - our own program, no shell
        [*CODA, *arguments], cwd=home, env=environment(home, settings), capture_output=True, text=True,
        timeout=_READY_WITHIN, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def environment(home: Path, settings: dict[str, str], *, is_measured: bool = True) -> dict[str, str]:
    """Of a process of ours. Measuring what is covered makes its start half as long again."""
    measuring = {name: value for name, value in os.environ.items() if is_measured and name.startswith("COVERAGE_")}
    own = {"HOME": str(home), "CODA_DATA_DIR": str(home / "data"), "CODA_LLM__PROBE_OLLAMA": "0"}
    return {"PATH": os.environ["PATH"]} | measuring | own | settings


@pytest.fixture
def coda(home: Path) -> Coda:
    """Run a command to its end."""
    return partial(_run, home)


class Server:
    """A running `coda serve`; its coverage counts only where that is asked for."""

    def __init__(self, home: Path, settings: dict[str, str], *, is_measured: bool = False) -> None:
        self.home, self._log = home, (home / "serve.log").open("w+")
        self.process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [*CODA, "serve", "--port", "0"], cwd=home, env=environment(home, settings, is_measured=is_measured),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log, text=True, start_new_session=True,
        )  # fmt: skip
        self.said = ""
        self.address = self._wait_until_ready()

    def _wait_until_ready(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                found = re.search(r"ready at (http://\S+)", self.said)
                assert found is not None
                return found[1]
        raise AssertionError(f"coda serve ended: {self.log()}")

    def coda(self, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Run a command beside it, on its data folder, to its end."""
        return _run(self.home, *arguments, **settings)

    def log(self) -> str:
        return Path(self._log.name).read_text()

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, timeout=60)

    def fetch(self, path: str, token: str) -> httpx.Response:
        return httpx.get(self.address + path, headers={"Authorization": f"Bearer {token}"}, timeout=60)

    def post(self, path: str, body: dict[str, Any], *, token: str | None = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else None
        return httpx.post(self.address + path, json=body, headers=headers, timeout=60)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop, as Ctrl-C does; gives the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            return self.process.wait(timeout=30)
        finally:
            self._log.close()
            if self.process.stdout is not None:
                self.process.stdout.close()


@pytest.fixture
def start(home: Path) -> Iterator[Callable[..., Server]]:
    """Start a server; it is stopped at the end."""
    servers: list[Server] = []

    def begin(**settings: str) -> Server:
        servers.append(Server(home, settings))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


def postgres_of(home: Path) -> list[int]:
    """Process ids of servers that run on the test's data folder."""
    cluster = str((home / "data" / "postgres" / "data").resolve())
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == cluster:
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def gone_within(seconds: float, home: Path) -> bool:
    deadline = time.monotonic() + seconds
    while postgres_of(home):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
