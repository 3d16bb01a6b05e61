"""The folder of the embedded Postgres: its places, its lock, its passwords, and whether it can hold a database."""

import fcntl
import json
import os
import secrets
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from coda.core.postgres.errors import DataFolderInUse, DataFolderUnsuitable, EmbeddedPostgresFailed

_NETWORK_FILESYSTEMS = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "afs", "ceph", "lustre", "glusterfs", "webdav", "davfs",
    "fuse.sshfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs",
}  # fmt: skip
_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 108 bytes on Linux, 104 on macOS
_SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True, slots=True)
class Passwords:
    """One random password per database role."""

    superuser: str
    owner: str
    app: str
    system: str


class PostgresFolder:
    """`<data_dir>/postgres`: the cluster in `data`, beside it lock, passwords and log."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.expanduser().absolute()
        self.path = self.data_dir / "postgres"
        self.cluster = self.path / "data"
        self.log = self.path / "postgres.log"
        self.provisioned = self.path / "provisioned"
        self._passwords = self.path / "passwords.json"
        self._lock: int | None = None
        self._short: Path | None = None

    def prepare(self) -> None:
        """Make the folder if it is missing; raises DataFolderUnsuitable."""
        try:
            if not self.data_dir.exists():
                self.data_dir.mkdir(parents=True, mode=0o711)
            # Traversable by the unprivileged account when Coda is root; each thing inside is private by itself.
            self.path.mkdir(exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            with tempfile.TemporaryFile(dir=self.path):
                pass
        except (FileExistsError, NotADirectoryError):
            raise DataFolderUnsuitable(self.data_dir, "it is not a folder") from None
        except OSError as error:
            raise DataFolderUnsuitable(self.data_dir, f"it cannot be written ({error.strerror})") from None
        kind = filesystem_of(self.path)
        if kind in _NETWORK_FILESYSTEMS:
            raise DataFolderUnsuitable(self.data_dir, f"it is on a network filesystem ({kind})")

    def lock(self) -> None:
        """Own this folder until `unlock` or the end of the process; raises DataFolderInUse."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(handle, 32).decode(errors="replace").strip()
            os.close(handle)
            raise DataFolderInUse(self.data_dir, owner or "unknown") from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        self._lock = handle

    @property
    def is_locked(self) -> bool:
        """Whether this object owns the folder."""
        return self._lock is not None

    def unlock(self) -> None:
        """Give the folder up."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def make_passwords(self) -> Passwords:
        """The stored passwords, made on first use and readable by us alone."""
        if self._passwords.exists():
            return self.read_passwords()
        if self.cluster.exists():
            raise EmbeddedPostgresFailed(
                f"The database in {self.path} has lost its passwords.json; put it back or restore a backup."
            )
        made = Passwords(*(secrets.token_urlsafe(32) for _ in range(4)))
        temporary = self._passwords.with_suffix(".new")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(made), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(self._passwords)
        return made

    def read_passwords(self) -> Passwords:
        """The stored passwords."""
        try:
            return Passwords(**json.loads(self._passwords.read_text()))
        except (OSError, ValueError, TypeError):
            raise EmbeddedPostgresFailed(f"The file {self._passwords} cannot be read.") from None

    def socket_dir(self) -> Path:
        """A path to the socket's folder that is short enough to connect to.

        The socket lies in the cluster's own folder (mode 0700); a deep one is reached through a link in a private
        temporary folder.
        """
        if len(os.fsencode(self.cluster / _SOCKET_NAME)) <= _LONGEST_SOCKET_PATH:
            return self.cluster
        if self._short is None:
            self._short = Path(tempfile.mkdtemp(prefix="coda-", dir="/tmp" if sys.platform == "darwin" else None))  # noqa: S108 - mkdtemp is private; macOS's own folder is too long
            (self._short / "pg").symlink_to(self.cluster)
        return self._short / "pg"

    def remove_short_path(self) -> None:
        """Remove the link made by `socket_dir`."""
        if self._short is not None:
            with suppress(OSError):
                (self._short / "pg").unlink()
                self._short.rmdir()
            self._short = None


def filesystem_of(path: Path) -> str:
    """The type of the filesystem that holds `path`, as the kernel names it; empty where it cannot be told."""
    target = str(path.resolve())
    best, kind = "", ""
    for mount_point, filesystem in _mounts():
        inside = target == mount_point or target.startswith(mount_point.rstrip("/") + "/")
        if inside and len(mount_point) >= len(best):
            best, kind = mount_point, filesystem
    return kind


def _mounts() -> list[tuple[str, str]]:
    if sys.platform == "linux":
        try:
            lines = Path("/proc/self/mountinfo").read_text().splitlines()
        except OSError:
            return []
        return [(_unescape(line.split()[4]), line.split(" - ", 1)[1].split()[0]) for line in lines if " - " in line]
    shown = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False, timeout=10)
    rows = [line.partition(" on ")[2].rpartition(" (") for line in shown.stdout.splitlines()]
    return [(point, options.split(",")[0].rstrip(")")) for point, _, options in rows]


def _unescape(mount_point: str) -> str:
    return mount_point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
