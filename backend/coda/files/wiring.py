"""Builds the parts of this domain: for a process, and for one transaction and one scope."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.jobs import JobQueue
from coda.core.scope import Scope
from coda.core.settings import FileSettings
from coda.files.links import FileLinks
from coda.files.repository import ContentRepository, FileRepository
from coda.files.service import Examiner, FileKeeper, FileService, Uploads
from coda.files.store import FileStore, open_store
from coda.files.types import FindUses, HasKey, KeptFile, Readable


@dataclass(frozen=True, slots=True)
class FileServices:
    """One for the whole process.

    `readable`: which files may be read besides one's own; `find_uses`: where they are shown.
    """

    settings: FileSettings
    store: FileStore
    keeper: FileKeeper
    uploads: Uploads
    links: FileLinks
    readable: Readable | None = None
    find_uses: FindUses | None = None

    @property
    def pictures(self) -> "StoredPictures":
        """What models are shown, by its key."""
        return StoredPictures(self.store)


@dataclass(frozen=True, slots=True)
class StoredPictures:
    """Reads copies of pictures for models."""

    store: FileStore

    async def load(self, picture: HasKey) -> bytes | None:
        """The bytes of a copy; None once they are gone."""
        return await self.store.read_whole(picture.key)


def build_files(
    database: Database,
    settings: FileSettings,
    *,
    data_dir: Path,
    secret_key: SecretStr | None,
    readable: Readable | None = None,
    find_uses: FindUses | None = None,
) -> FileServices:
    """Everything that takes and gives files; raises StoreMisconfigured."""
    store = open_store(settings, data_dir)
    keeper = FileKeeper(database, store, Examiner(store, at_once=settings.pictures_at_once))
    uploads = Uploads(database, store, keeper, settings)
    return FileServices(settings, store, keeper, uploads, FileLinks(secret_key), readable, find_uses)


async def files_of(db: AsyncSession, scope: Scope, file_ids: Collection[UUID]) -> Sequence[KeptFile]:
    """Files by their ids, for whoever reads messages that show them."""
    return await FileRepository(db, scope).list_any(file_ids)


def file_service(
    db: AsyncSession, scope: Scope, readable: Readable | None = None, find_uses: FindUses | None = None
) -> FileService:
    """The use cases of files."""
    uses = None if find_uses is None else partial(find_uses, db, scope)
    return FileService(FileRepository(db, scope, readable), ContentRepository(db, scope), JobQueue(db), scope, uses)
