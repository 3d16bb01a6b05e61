"""What nobody has any more goes: rows first, then bytes, and bytes that no row names."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from httpx import AsyncClient

from coda.core.db import Database
from coda.core.settings import Settings
from coda.files.jobs import StrayBytes, UnusedFiles
from coda.files.store import content_key, part_key
from coda.files.wiring import FileServices
from coda.operations.jobs import CleanUp
from tests.callers import Town
from tests.files.conftest import files_below, read, sent


def aged(path: Path, age: timedelta) -> None:
    moment = path.stat().st_mtime - age.total_seconds()
    os.utime(path, (moment, moment))


async def test_bytes_without_a_row_go_once_they_are_old(
    client: AsyncClient, database: Database, files: FileServices, folder: Path, org_id: UUID
) -> None:
    kept = await sent(client, b"kept")
    strays = [content_key(org_id, "ab" * 32, uuid4()), part_key(org_id, uuid4(), uuid4())]
    young = part_key(org_id, uuid4(), uuid4())
    for key in (*strays, young):
        await files.store.put(key, b"stray")
    for path in await files_below(folder):
        if not path.is_relative_to(folder / young):
            aged(path, timedelta(days=2))

    await StrayBytes(database, files.store).run()

    left = {path.relative_to(folder).as_posix() for path in await files_below(folder)}
    assert not left & set(strays)
    assert young in left
    assert (await read(client, kept["id"])).content == b"kept"


async def test_a_file_that_no_message_shows_goes_after_a_week(
    client: AsyncClient, database: Database, settings: Settings, files: FileServices, town: Town
) -> None:
    old, new = await sent(client, b"old"), await sent(client, b"new")
    await town.execute("update files set created_at = now() - interval '8 days' where id = :id", id=old["id"])

    await CleanUp(database, settings).run()
    await UnusedFiles(database, files).run()

    assert (await read(client, old["id"])).status_code == 404
    assert (await read(client, new["id"])).content == b"new"
    assert (await client.get("/api/v1/files")).json()["storage"]["used_bytes"] == len(b"new")
