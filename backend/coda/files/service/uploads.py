"""How files arrive: at once, or piece by piece so that a broken connection costs one piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.core.settings import FileSettings
from coda.files.errors import (
    EmptyFile,
    FileTooLarge,
    PieceUnfit,
    StorageFull,
    UploadNotFound,
    WrongOffset,
)
from coda.files.names import file_name
from coda.files.repository import ContentRepository, FileRepository, UploadRepository
from coda.files.service.keeping import FileKeeper
from coda.files.store import FileStore, part_key
from coda.files.types import KeptFile, StartedUpload, UploadState

_MOST_PIECES: Final = 1_000


class Uploads:
    """Takes files; each call is a few transactions of its own, so that none is open while bytes come in."""

    def __init__(self, database: Database, store: FileStore, keeper: FileKeeper, settings: FileSettings) -> None:
        self._database, self._store, self._keeper, self._settings = database, store, keeper, settings

    async def begin(self, scope: Scope, *, name: str, size: int) -> UploadState:
        """Take room for a file that comes in pieces; raises EmptyFile, FileTooLarge, StorageFull."""
        if size < 1:
            raise EmptyFile
        return UploadState.of_upload(await self._begin(scope, name=name, size=size))

    async def take(self, scope: Scope, *, name: str, chunks: AsyncIterator[bytes], at_most: int | None) -> KeptFile:
        """Take a file at once; it has no more than `at_most` bytes where that is known.

        Raises EmptyFile, FileTooLarge, StorageFull, PictureTooLarge, PictureUnreadable.
        """
        limit = self._settings.max_bytes
        upload = await self._begin(scope, name=name, size=max(1, min(limit, at_most or limit)))
        part, bounded = new_id(), _Bounded(chunks, limit)
        try:
            await self._store.put(part_key(scope.org_id, upload.id, part), bounded.chunks())
            if bounded.seen == 0:
                raise EmptyFile
            whole = await self._arrived(scope, upload, part, bounded.seen)
        except BaseException:
            await asyncio.shield(self._give_up(scope, upload.id, part))
            raise
        return await self._keeper.keep(scope, whole)

    async def read(self, scope: Scope, upload_id: UUID) -> UploadState:
        """How far it is; raises UploadNotFound."""
        async with self._database.transaction(scope) as db:
            upload = await UploadRepository(db, scope).find(upload_id)
            file = None if upload is not None else await FileRepository(db, scope).find_own(upload_id)
        if upload is not None:
            return UploadState.of_upload(upload)
        if file is None or file.content_id is None:
            raise UploadNotFound(upload_id)
        return UploadState.of_file(file)

    async def append(self, scope: Scope, upload_id: UUID, *, offset: int, chunks: AsyncIterator[bytes]) -> UploadState:
        """Add a piece; after the last one it is a file. A piece that is cut counts for nothing.

        Raises UploadNotFound, WrongOffset, PieceUnfit, and what is wrong with the whole.
        """
        state = await self.read(scope, upload_id)
        upload = state.upload
        if upload is None:
            return state
        if upload.received < upload.size:
            upload = await self._append(scope, upload, offset, chunks)
        if upload.received < upload.size:
            return UploadState.of_upload(upload)
        return UploadState.of_file(await self._keeper.keep(scope, upload))

    async def abandon(self, scope: Scope, upload_id: UUID) -> None:
        """End an upload; raises UploadNotFound for one that is over or a file by now."""
        if (await self.read(scope, upload_id)).upload is None:
            raise UploadNotFound(upload_id)
        await self._keeper.drop(scope, upload_id)

    async def _begin(self, scope: Scope, *, name: str, size: int) -> StartedUpload:
        settings = self._settings
        if size > settings.max_bytes:
            raise FileTooLarge(settings.max_bytes)
        async with self._database.transaction(scope) as db:
            limit = settings.max_bytes_per_organization
            if not await ContentRepository(db, scope).take_room(size, limit=limit):
                raise StorageFull(limit)
            uploads = UploadRepository(db, scope)
            return await uploads.insert(new_id(), name=file_name(name), size=size, lifetime=settings.upload_lifetime)

    async def _append(
        self, scope: Scope, upload: StartedUpload, offset: int, chunks: AsyncIterator[bytes]
    ) -> StartedUpload:
        if offset != upload.received:
            raise WrongOffset(upload.received)
        if len(upload.parts) >= _MOST_PIECES:
            raise PieceUnfit(f"a file comes in at most {_MOST_PIECES:,} pieces", offset=offset)
        part, bounded = new_id(), _Bounded(chunks, upload.size - offset)
        key = part_key(scope.org_id, upload.id, part)
        try:
            await self._store.put(key, bounded.chunks())
            if bounded.seen == 0:
                raise PieceUnfit("it is empty", offset=offset)
            if not await self._advance(scope, upload, part, bounded.seen):
                raise WrongOffset((await self.read(scope, upload.id)).received)
        except FileTooLarge:
            raise PieceUnfit("it goes beyond the end of the file", offset=offset) from None
        except BaseException:
            await asyncio.shield(self._store.delete([key]))
            raise
        return (await self.read(scope, upload.id)).upload or upload

    async def _advance(self, scope: Scope, upload: StartedUpload, part: UUID, size: int) -> bool:
        async with self._database.transaction(scope) as db:
            return await UploadRepository(db, scope).advance(
                upload.id, offset=upload.received, size=size, part=part, lifetime=self._settings.upload_lifetime
            )

    async def _arrived(self, scope: Scope, upload: StartedUpload, part: UUID, size: int) -> StartedUpload:
        """Its size is known now: the room that it does not need is given back, or the rest that it needs is taken."""
        limit = self._settings.max_bytes_per_organization
        async with self._database.transaction(scope) as db:
            contents = ContentRepository(db, scope)
            if size <= upload.size:
                await contents.give_back(upload.size - size)
            elif not await contents.take_room(size - upload.size, limit=limit):
                raise StorageFull(limit)
            if not await UploadRepository(db, scope).set_size(upload.id, size=size, part=part):
                raise UploadNotFound(upload.id)
        return StartedUpload(upload.id, upload.name, size, size, (part,), upload.expires_at)

    async def _give_up(self, scope: Scope, upload_id: UUID, part: UUID) -> None:
        await self._keeper.drop(scope, upload_id)
        await self._store.delete([part_key(scope.org_id, upload_id, part)])


class _Bounded:
    """Counts bytes as they pass; raises FileTooLarge at one too many."""

    def __init__(self, chunks: AsyncIterator[bytes], limit: int) -> None:
        self._chunks, self._limit = chunks, limit
        self.seen = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        """What comes, not more than is allowed."""
        async for chunk in self._chunks:
            self.seen += len(chunk)
            if self.seen > self._limit:
                raise FileTooLarge(self._limit)
            yield chunk
