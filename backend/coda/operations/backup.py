"""One archive of an instance: the database by pg_dump, the files, the key that seals stored secrets."""

import asyncio
import errno
import io
import json
import os
import shutil
import tarfile
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

import coda
from coda.core.clock import now
from coda.core.db import DatabaseUrls
from coda.core.db.external import libpq_url
from coda.core.db.migrations import find_revision, migrate, newest_revision
from coda.core.postgres.binaries import find_program
from coda.core.secret_key import secret_key_file
from coda.operations.errors import ArchiveUnreadable, BackupFailed, InstanceNotEmpty

FORMAT: Final = 1
_MANIFEST, _DUMP, _KEY, _FILES = "manifest.json", "database.dump", "secret.key", "files"
_LONGEST_REASON: Final = 400
_NO_LINKS: Final = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What a file system says that has no hard links."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds."""

    format: int
    coda: str
    schema: str
    made_at: str
    has_files: bool

    @property
    def moment(self) -> datetime:
        """When the archive was made."""
        return datetime.fromisoformat(self.made_at)


async def back_up(urls: DatabaseUrls, data_dir: Path, archive: Path) -> Manifest:
    """Write the archive, readable by its owner alone; there is a whole one or none.

    Nothing is overwritten. Raises BackupFailed.
    """
    schema = await find_revision(urls)
    if schema is None:
        raise BackupFailed("the database is empty")
    await asyncio.to_thread(_require_free, archive)  # before the work; `_name` has the last word
    files = data_dir / _FILES
    manifest = Manifest(FORMAT, coda.__version__, schema, now().isoformat(), files.is_dir())
    with tempfile.TemporaryDirectory(prefix="coda-backup-") as scratch:
        dump = Path(scratch) / _DUMP
        await _run(
            urls, "pg_dump", "--format=custom", "--role=coda_owner", "--enable-row-security",
            "--exclude-extension=vector", f"--file={dump}",
        )  # fmt: skip
        await asyncio.to_thread(_pack, archive, manifest, dump, data_dir)
    return manifest


async def restore(urls: DatabaseUrls, data_dir: Path, archive: Path) -> Manifest:
    """Fill an empty database and data folder. Raises ArchiveUnreadable, InstanceNotEmpty, SchemaNewer or BackupFailed.

    The schema is then brought up to date.
    """
    if await find_revision(urls) is not None:
        raise InstanceNotEmpty
    with tempfile.TemporaryDirectory(prefix="coda-restore-") as scratch:
        manifest = await asyncio.to_thread(_unpack, archive, Path(scratch))
        if manifest.schema > newest_revision():
            raise ArchiveUnreadable(archive, f"it was made by a newer Coda ({manifest.coda})")
        await _run(
            urls, "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--role=coda_owner",
            str(Path(scratch) / _DUMP),
        )  # fmt: skip
        await asyncio.to_thread(_put_back, Path(scratch), data_dir)
    await migrate(urls)
    return manifest


def is_key_kept(data_dir: Path) -> bool:
    """Whether the archive holds the secret key (with CODA_SECRET_KEY it is wherever that comes from)."""
    return secret_key_file(data_dir).exists()


def _require_free(archive: Path) -> None:
    if os.path.lexists(archive):
        raise BackupFailed(_exists(archive))


def _exists(archive: Path) -> str:
    return f"{archive} is there already and is never overwritten; name another file"


def _pack(archive: Path, manifest: Manifest, dump: Path, data_dir: Path) -> None:
    partial = archive.with_name(f".{archive.name}.{os.getpid()}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
            _add_text(tar, _MANIFEST, json.dumps(asdict(manifest), indent=2))
            tar.add(dump, _DUMP)
            if is_key_kept(data_dir):
                tar.add(secret_key_file(data_dir), _KEY)
            if manifest.has_files:
                _add_files(tar, data_dir)
        _name(partial, archive)
    except FileExistsError:
        raise BackupFailed(_exists(archive)) from None
    except OSError as error:
        raise BackupFailed(f"{archive} cannot be written ({error.strerror})") from None
    finally:
        partial.unlink(missing_ok=True)


def _add_files(tar: tarfile.TarFile, data_dir: Path) -> None:
    """What is there when its turn comes: people send and delete files meanwhile."""
    for path in sorted((data_dir / _FILES).rglob("*")):
        with suppress(FileNotFoundError):
            tar.add(path, path.relative_to(data_dir).as_posix(), recursive=False)


def _name(partial: Path, archive: Path) -> None:
    """Give the whole file its name; raises FileExistsError, where a rename would replace what is there."""
    try:
        os.link(partial, archive)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if archive.exists():
            raise FileExistsError from None
        partial.rename(archive)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    content = text.encode()
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(now().timestamp())
    tar.addfile(entry, io.BytesIO(content))


def _extract(tar: tarfile.TarFile, target: Path) -> None:
    """Plain files within the folder, with modes of our own: Python 3.11.2 has no filter for that."""
    for entry in tar:
        if entry.isdir():
            continue
        place = (target / entry.name).resolve()
        content = tar.extractfile(entry) if entry.isreg() else None
        if content is None or not place.is_relative_to(target.resolve()):
            raise tarfile.ExtractError(entry.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        with content, place.open("wb") as file:
            shutil.copyfileobj(content, file)


def _unpack(archive: Path, target: Path) -> Manifest:
    try:
        with tarfile.open(archive) as tar:
            _extract(tar, target)
        manifest = Manifest(**json.loads((target / _MANIFEST).read_text()))
    except FileNotFoundError:
        raise ArchiveUnreadable(archive, "there is no such file, or no backup in it") from None
    except (OSError, tarfile.TarError, ValueError, TypeError):
        raise ArchiveUnreadable(archive, "it is not a backup of Coda") from None
    if manifest.format > FORMAT or not (target / _DUMP).exists():
        raise ArchiveUnreadable(archive, f"it was made by another Coda ({manifest.coda})")
    return manifest


def _put_back(scratch: Path, data_dir: Path) -> None:
    if (scratch / _KEY).exists() and not secret_key_file(data_dir).exists():
        shutil.copy(scratch / _KEY, secret_key_file(data_dir))
        secret_key_file(data_dir).chmod(0o600)
    if (scratch / _FILES).is_dir():
        shutil.copytree(scratch / _FILES, data_dir / _FILES, dirs_exist_ok=True)


async def _run(urls: DatabaseUrls, program: str, *arguments: str) -> None:
    """Run a Postgres program on the database; the password goes by the environment, which other accounts cannot see."""
    url = make_url(libpq_url(urls.owner))
    process = await asyncio.create_subprocess_exec(
        find_program(program),
        f"--dbname={url.set(password=None).render_as_string(hide_password=False)}",
        *arguments,
        env={"PATH": os.defpath, "PGPASSWORD": str(url.password or "")},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await process.communicate()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines() or [f"{program} gave no reason"]
        raise BackupFailed(lines[0].split("error: ", 1)[-1][:_LONGEST_REASON])
