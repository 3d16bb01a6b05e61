"""Backup and restore: everything comes back, into an empty place only."""

import stat
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from coda.core.db import Database, DatabaseUrls
from coda.operations.backup import back_up, restore
from coda.operations.errors import ArchiveUnreadable, BackupFailed, InstanceNotEmpty
from tests.operations.conftest import Ground
from tests.postgres_server import PostgresServer


@pytest.fixture
async def empty(postgres: PostgresServer) -> AsyncIterator[DatabaseUrls]:
    name = f"restored_{uuid4().hex[:8]}"
    yield await postgres.create_database(name)
    await postgres.drop_database(name)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "files" / "ab").mkdir(parents=True)
    (folder / "files" / "ab" / "cd").write_bytes(b"an upload")
    (folder / "secret.key").write_text("the key")
    return folder


async def test_everything_comes_back(
    database_urls: DatabaseUrls, ground: Ground, empty: DatabaseUrls, data_dir: Path, tmp_path: Path
) -> None:
    run_id = await ground.finished_run(minutes_ago=1)
    archive, target = tmp_path / "backup.tar", tmp_path / "restored"
    target.mkdir()

    made = await back_up(database_urls, data_dir, archive)
    restored = await restore(empty, target, archive)

    assert restored == made
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert (target / "files" / "ab" / "cd").read_bytes() == b"an upload"
    assert (target / "secret.key").read_text() == "the key"
    assert stat.S_IMODE((target / "secret.key").stat().st_mode) == 0o600
    copy = Database(empty, pool_size=2)
    async with copy.transaction(ground.scope) as db:
        assert await db.scalar(text("select id from runs")) == run_id
    async with copy.transaction(None) as db:
        assert await db.scalar(text("select count(*) from runs")) == 0
    await copy.close()


async def test_row_level_security_comes_back_with_the_rows(
    database_urls: DatabaseUrls, empty: DatabaseUrls, tmp_path: Path
) -> None:
    await back_up(database_urls, tmp_path, tmp_path / "b.tar")
    await restore(empty, tmp_path, tmp_path / "b.tar")

    catalogue = text(
        "select array_agg(relname::text order by relname) from pg_class"
        " where relnamespace = 'public'::regnamespace and relrowsecurity and relforcerowsecurity"
    )
    tables = []
    for urls in (database_urls, empty):
        handle = Database(urls, pool_size=2)
        async with handle.transaction(None) as db:
            tables.append(await db.scalar(catalogue))
        await handle.close()
    assert tables[0]
    assert tables[0] == tables[1]


async def test_a_database_in_use_is_never_overwritten(database_urls: DatabaseUrls, tmp_path: Path) -> None:
    await back_up(database_urls, tmp_path, tmp_path / "b.tar")

    with pytest.raises(InstanceNotEmpty):
        await restore(database_urls, tmp_path, tmp_path / "b.tar")


def _texts(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


async def test_a_file_is_never_overwritten(database_urls: DatabaseUrls, tmp_path: Path) -> None:
    archive = tmp_path / "b.tar"
    archive.write_text("precious")
    with pytest.raises(BackupFailed, match="never overwritten"):
        await back_up(database_urls, tmp_path, archive)
    assert _texts(tmp_path) == {"b.tar": "precious"}


async def test_an_empty_database_is_not_backed_up(empty: DatabaseUrls, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="empty"):
        await back_up(empty, tmp_path, tmp_path / "b.tar")
    assert not (tmp_path / "b.tar").exists()


async def test_an_archive_that_cannot_be_written_is_told(database_urls: DatabaseUrls, tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="cannot be written"):
        await back_up(database_urls, tmp_path, tmp_path / "missing" / "b.tar")


class TestUnreadable:
    async def test_a_missing_file(self, empty: DatabaseUrls, tmp_path: Path) -> None:
        with pytest.raises(ArchiveUnreadable, match="no such file"):
            await restore(empty, tmp_path, tmp_path / "b.tar")

    async def test_something_else(self, empty: DatabaseUrls, tmp_path: Path) -> None:
        (tmp_path / "b.tar").write_text("not a tar")

        with pytest.raises(ArchiveUnreadable, match="not a backup of Coda"):
            await restore(empty, tmp_path, tmp_path / "b.tar")

    async def test_one_of_a_newer_coda(self, database_urls: DatabaseUrls, empty: DatabaseUrls, tmp_path: Path) -> None:
        await back_up(database_urls, tmp_path, tmp_path / "b.tar")
        with tarfile.open(tmp_path / "b.tar") as tar:
            tar.extractall(tmp_path / "open")  # noqa: S202 - an archive of our own making
        manifest = tmp_path / "open" / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"schema": "0', '"schema": "9'))
        with tarfile.open(tmp_path / "newer.tar", "w") as tar:
            for part in (tmp_path / "open").iterdir():
                tar.add(part, part.name)

        with pytest.raises(ArchiveUnreadable, match="newer Coda"):
            await restore(empty, tmp_path, tmp_path / "newer.tar")
