"""The Postgres server process: initialise, start, adopt, stop."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from coda.core.postgres.binaries import (
    MAJOR_VERSION,
    Account,
    choose_account,
    reachable_programs,
    remove_temporary_copy,
    runs_from_working_directory,
)
from coda.core.postgres.errors import EmbeddedPostgresFailed, PostgresVersionMismatch
from coda.core.postgres.folder import PostgresFolder

_START_TIMEOUT = 300.0  # recovery after a crash is bounded by max_wal_size, but a disk may be very busy
_STOP_TIMEOUT = 20.0
_LEFT_OVERS_TIMEOUT = 10.0
_LEFT_OVER_SIGNS = ("shared memory", "lock file", "shutting down")
_STATUS_LINE = 7
_LARGEST_LOG = 10_000_000
_SERVER_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "jit": "off",
    "huge_pages": "off",
    "io_method": "sync",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "wal_compression": "on",
    "min_wal_size": "80MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "15min",
    "max_parallel_workers_per_gather": "0",
    "max_logical_replication_workers": "0",
    "autovacuum_max_workers": "2",
    "autovacuum_worker_slots": "2",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Stretching protects passwords that people choose; ours have 256 random bits, and connecting gets cheaper.
    "scram_iterations": "64",
}
_UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postmaster:
    """One cluster's server process. Blocking; call it from a thread."""

    def __init__(self, folder: PostgresFolder, *, is_durable: bool = True) -> None:
        self._folder = folder
        self._is_durable = is_durable
        self._settings = _SERVER_SETTINGS if is_durable else _SERVER_SETTINGS | _UNSAFE_SETTINGS
        self._account: Account | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._adopted: int | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the server that we own."""
        return self._process.pid if self._process is not None else self._adopted

    def is_alive(self) -> bool:
        """Whether the server that we own still runs."""
        if self._process is not None:
            return self._process.poll() is None
        return self._adopted is not None and _runs_cluster(self._adopted, self._folder.cluster)

    def start(self, superuser_password: str) -> None:
        """Make the cluster if there is none, then run it, or adopt the server that already does."""
        cluster = self._folder.cluster
        self._account = choose_account(cluster)
        programs = reachable_programs(self._folder.path, self._account)
        if not cluster.exists():
            self._initialise(programs, superuser_password)
        self._check_cluster()
        deadline = time.monotonic() + _LEFT_OVERS_TIMEOUT
        while not self._run(programs):
            # A server that is just ending, or backends that outlive a killed one, leave within moments.
            if time.monotonic() > deadline:
                reason = _last_line(self._folder.log.read_text(errors="replace"))
                raise EmbeddedPostgresFailed(f"Postgres did not start: {reason}")
            time.sleep(0.1)

    def _run(self, programs: Path) -> bool:
        """Adopt or spawn; False when what may be a left-over of the last server stood in the way."""
        self._process, self._adopted = None, find_server(self._folder.cluster)
        spawned = self._adopted is None
        if spawned:
            log_size = self._spawn(programs)
        if not _wait_for(lambda: not self.is_alive() or self._is_ready(), _START_TIMEOUT):
            self.stop()
            raise EmbeddedPostgresFailed(f"Postgres did not get ready within {_START_TIMEOUT:.0f} s.")
        if self.is_alive():
            return True
        self._process, self._adopted = None, None
        if spawned:
            said = self._folder.log.read_bytes()[log_size:].decode(errors="replace")
            if not any(sign in said for sign in _LEFT_OVER_SIGNS):
                raise EmbeddedPostgresFailed(f"Postgres did not start: {_last_line(said)}")
        return False

    def stop(self) -> None:
        """End the server: fast shutdown, then harder."""
        pid = self.pid
        if pid is not None:
            for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                if self.is_alive():
                    with suppress(ProcessLookupError):
                        os.kill(pid, how)
                    _wait_for(lambda: not self.is_alive(), _STOP_TIMEOUT)
        self._process, self._adopted = None, None
        remove_temporary_copy(self._folder.path)

    def _initialise(self, programs: Path, superuser_password: str) -> None:
        """initdb beside the final place, then one rename: there is a whole cluster or none."""
        for left_over in self._folder.path.glob("data.new-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        fresh = self._folder.path / f"data.new-{secrets.token_hex(4)}"
        fresh.mkdir(mode=0o700)
        try:
            self._run_initdb(programs, fresh, superuser_password)
            fresh.rename(self._folder.cluster)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)

    def _run_initdb(self, programs: Path, fresh: Path, superuser_password: str) -> None:
        reader, writer = os.pipe()
        os.write(writer, superuser_password.encode() + b"\n")
        os.close(writer)
        if self._account is not None:
            os.chown(fresh, self._account.uid, self._account.gid)
            os.fchown(reader, self._account.uid, self._account.gid)
        command = [
            str(programs / "initdb"), "-D", self._location(fresh), "--username=postgres", "--auth=scram-sha-256",
            f"--pwfile=/dev/fd/{reader}", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8",
            "--no-instructions", "--set=scram_iterations=64",
        ]  # fmt: skip
        if not self._is_durable:
            command.append("--no-sync")
        try:
            done = subprocess.run(  # noqa: S603 - our own program, no shell
                command, cwd=fresh, env=_environment(), pass_fds=(reader,), stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=120, check=False, **self._identity(),
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EmbeddedPostgresFailed(f"The database could not be set up: {error}.") from error
        finally:
            os.close(reader)
        if done.returncode != 0:
            raise EmbeddedPostgresFailed(f"The database could not be set up: {_last_line(done.stderr)}")

    def _check_cluster(self) -> None:
        try:
            found = (self._folder.cluster / "PG_VERSION").read_text().strip()
        except PermissionError:
            raise EmbeddedPostgresFailed(
                f"The database in {self._folder.path} belongs to another account; start Coda as that account."
            ) from None
        except OSError:
            raise EmbeddedPostgresFailed(f"The folder {self._folder.cluster} is not a database.") from None
        if found != str(MAJOR_VERSION):
            raise PostgresVersionMismatch(found=found, expected=MAJOR_VERSION)

    def _spawn(self, programs: Path) -> int:
        """Start the server; gives the size of its log before that."""
        cluster = self._folder.cluster
        # No server runs this cluster, so a pid file is stale; Postgres would refuse if its number was used again.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        if self._folder.log.exists() and self._folder.log.stat().st_size > _LARGEST_LOG:
            self._folder.log.replace(self._folder.log.with_suffix(".log.1"))
        command = [str(programs / "postgres"), "-D", self._location(cluster)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        log = os.open(self._folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        log_size = os.fstat(log).st_size
        try:
            # Its own session: Ctrl-C in the terminal must not reach Postgres before Coda has drained.
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                command, cwd=cluster, env=_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **self._identity(),
            )  # fmt: skip
        except OSError as error:
            raise EmbeddedPostgresFailed(f"Postgres could not be started: {error}.") from error
        finally:
            os.close(log)
        return log_size

    def _is_ready(self) -> bool:
        return _is_ready(self._folder.cluster / "postmaster.pid", self.pid)

    def _location(self, directory: Path) -> str:
        """How the server names its folder; as another account it may be unable to walk there, but it stands in it."""
        if self._account is not None and runs_from_working_directory():
            return "/proc/self/cwd"
        return str(directory)

    def _identity(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        return {"user": self._account.uid, "group": self._account.gid, "extra_groups": []}


def find_server(cluster: Path) -> int | None:
    """Process id of the server that runs `cluster`, whoever started it."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    return pid if _runs_cluster(pid, cluster) else None


def wait_for_server(cluster: Path, *, timeout: float) -> bool:
    """Wait until a server that somebody else is starting on `cluster` is ready."""
    return _wait_for(lambda: _is_ready(cluster / "postmaster.pid", find_server(cluster)), timeout)


def _runs_cluster(pid: int, cluster: Path) -> bool:
    """Whether `pid` is a live Postgres on `cluster`, not a stranger that got its number."""
    if sys.platform == "linux":
        try:
            return Path(os.readlink(f"/proc/{pid}/cwd")) == cluster.resolve()
        except OSError:
            return False
    shown = subprocess.run(  # noqa: S603 - a fixed program, no shell
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in shown.stdout and str(cluster) in shown.stdout


def _is_ready(status: Path, pid: int | None) -> bool:
    try:
        lines = status.read_text().split("\n")
    except OSError:
        return False
    return len(lines) > _STATUS_LINE and lines[0] == str(pid) and lines[_STATUS_LINE].strip() == "ready"


def _wait_for(condition: Callable[[], bool], timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _last_line(output: str) -> str:
    lines = [line for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error:" in line or "ERROR" in line] or lines
    return telling[-1].split("  ", 1)[-1].strip() if telling else "no reason was given"
