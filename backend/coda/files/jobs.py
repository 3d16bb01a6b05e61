"""Removes what nobody has any more: uploads that nobody finished, bytes without a file, bytes without a row."""

from datetime import timedelta
from typing import Final

import structlog

from coda.core.clock import now
from coda.core.db import Database
from coda.core.jobs import Job, JobRegistry
from coda.core.scope import Scope, System
from coda.files.repository import ContentRepository, UnusedRepository
from coda.files.store import FileStore, StoredObject, content_keys
from coda.files.types import CLEAN_UP_JOB
from coda.files.wiring import FileServices

log = structlog.get_logger(__name__)

_BATCH: Final = 500
_STRAY_AFTER: Final = timedelta(days=1)
"""Bytes are stored before the row that names them: younger ones may be just about to get it."""
_STRAYS_JOB: Final = "stray-files"


def register_jobs(jobs: JobRegistry, database: Database, files: FileServices) -> None:
    """Tell the process what does the jobs of this domain."""
    jobs.add(CLEAN_UP_JOB, UnusedFiles(database, files).run, every=timedelta(minutes=5))
    jobs.add(_STRAYS_JOB, StrayBytes(database, files.store).run, every=timedelta(days=1))


class UnusedFiles:
    """Ends uploads whose time is over, and removes contents that no file has: the row first, then the bytes."""

    def __init__(self, database: Database, files: FileServices) -> None:
        self._database, self._files = database, files

    async def run(self, _job: Job | None = None) -> None:
        """Clean now."""
        async with self._database.system() as connection:
            unused = UnusedRepository(connection)
            uploads = await unused.list_expired_uploads(limit=_BATCH)
            contents = await unused.list_unused_contents(limit=_BATCH)
        for org_id, upload_id in uploads:
            await self._files.keeper.drop(Scope(org_id, System()), upload_id)
        for org_id, content_id in contents:
            scope = Scope(org_id, System())
            async with self._database.transaction(scope) as db:
                sha256 = await ContentRepository(db, scope).remove_unused(content_id)
            if sha256 is not None:
                await self._files.store.delete(content_keys(org_id, sha256, content_id))
        if uploads or contents:
            log.info("files.cleaned", uploads=len(uploads), contents=len(contents))


class StrayBytes:
    """Removes bytes that no row names: their process died between the two, or their organization is gone."""

    def __init__(self, database: Database, store: FileStore) -> None:
        self._database, self._store = database, store

    async def run(self, _job: Job | None = None) -> None:
        """Clean now."""
        batch: list[StoredObject] = []
        async for stored in self._store.list():
            if stored.owner_id is not None and stored.changed_at < now() - _STRAY_AFTER:
                batch.append(stored)
            if len(batch) >= _BATCH:
                await self._remove_strays(batch)
                batch = []
        await self._remove_strays(batch)

    async def _remove_strays(self, batch: list[StoredObject]) -> None:
        owners = {(one.org_id, one.owner_id) for one in batch if one.org_id is not None and one.owner_id is not None}
        async with self._database.system() as connection:
            known = await UnusedRepository(connection).known(owners)
        strays = [one.key for one in batch if one.owner_id not in known]
        await self._store.delete(strays)
        if strays:
            log.info("files.strays_removed", count=len(strays))
