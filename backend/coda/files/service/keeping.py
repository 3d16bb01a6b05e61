"""Makes a file of an upload that is whole.

The bytes are in the store before there is a row that names them, and a row is gone before its bytes are.
"""

from contextlib import suppress
from typing import Final
from uuid import UUID

from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.files.errors import PictureTooLarge, PictureUnreadable, UploadNotFound
from coda.files.repository import ContentRepository, FileRepository, UploadRepository
from coda.files.repository.contents import NewContent
from coda.files.service.examining import Examined, Examiner, chunks_of
from coda.files.store import BytesMissing, FileStore, content_key, content_keys, part_key
from coda.files.types import KeptFile, StartedUpload

_TRIES: Final = 3


class _Overtaken(Exception):
    """Somebody else has added these bytes, or finished this upload, in the meantime."""


class FileKeeper:
    """Keeps files; each call is a few transactions of its own."""

    def __init__(self, database: Database, store: FileStore, examiner: Examiner) -> None:
        self._database, self._store, self._examiner = database, store, examiner

    async def keep(self, scope: Scope, upload: StartedUpload) -> KeptFile:
        """The file that an upload has become; asked twice, the same. It has the upload's id.

        An upload that cannot be kept is over. Raises PictureTooLarge, PictureUnreadable, UploadNotFound.
        """
        keys = [part_key(scope.org_id, upload.id, part) for part in upload.parts]
        try:
            examined = await self._examiner.look_at(keys)
        except BytesMissing:
            return await self._kept(scope, upload.id)
        except (PictureTooLarge, PictureUnreadable):
            await self.drop(scope, upload.id)
            raise
        for _ in range(_TRIES):
            with suppress(_Overtaken):
                if not await self._share(scope, upload, examined):
                    await self._add(scope, upload, examined, keys)
                break
        await self._store.delete(keys)
        return await self._kept(scope, upload.id)

    async def drop(self, scope: Scope, upload_id: UUID) -> None:
        """End an upload that becomes no file; ending it twice is ending it once."""
        async with self._database.transaction(scope) as db:
            upload = await UploadRepository(db, scope).remove(upload_id)
            if upload is not None:
                await ContentRepository(db, scope).give_back(upload.size)
        if upload is not None:
            await self._store.delete(part_key(scope.org_id, upload_id, part) for part in upload.parts)

    async def _kept(self, scope: Scope, file_id: UUID) -> KeptFile:
        async with self._database.transaction(scope) as db:
            file = await FileRepository(db, scope).find_own(file_id)
        if file is None:
            raise UploadNotFound(file_id)
        return file

    async def _share(self, scope: Scope, upload: StartedUpload, examined: Examined) -> bool:
        """Give the file bytes that the organization has already; False where it has none of these."""
        async with self._database.transaction(scope) as db:
            contents = ContentRepository(db, scope)
            content_id = await contents.hold(examined.sha256)
            if content_id is None:
                return False
            if await UploadRepository(db, scope).remove(upload.id) is not None:
                await contents.give_back(upload.size)
                await FileRepository(db, scope).insert(upload.id, name=upload.name, content_id=content_id)
        return True

    async def _add(self, scope: Scope, upload: StartedUpload, examined: Examined, keys: list[str]) -> None:
        """Store the bytes, then what names them. Raises _Overtaken, with nothing stored.

        Whatever else goes wrong, the row may stand for all we know: bytes that nothing names are left to the sweep.
        """
        new = _content(examined)
        try:
            await self._store_bytes(scope, new, examined, keys)
            async with self._database.transaction(scope) as db:
                if await UploadRepository(db, scope).remove(upload.id) is None:
                    raise _Overtaken
                if not await ContentRepository(db, scope).insert(new):
                    raise _Overtaken
                await FileRepository(db, scope).insert(upload.id, name=upload.name, content_id=new.id)
        except _Overtaken:
            await self._store.delete(content_keys(scope.org_id, new.sha256, new.id))
            raise

    async def _store_bytes(self, scope: Scope, new: NewContent, examined: Examined, keys: list[str]) -> None:
        await self._store.put(content_key(scope.org_id, new.sha256, new.id), chunks_of(self._store, keys))
        if examined.picture is not None:
            view = content_key(scope.org_id, new.sha256, new.id, "view")
            await self._store.put(view, examined.picture.view)
            thumbnail = content_key(scope.org_id, new.sha256, new.id, "thumbnail")
            await self._store.put(thumbnail, examined.picture.thumbnail)


def _content(examined: Examined) -> NewContent:
    picture = examined.picture
    if picture is None:
        return NewContent(new_id(), examined.sha256, examined.size, examined.media_type)
    shape = (picture.width, picture.height, picture.view_type)
    return NewContent(new_id(), examined.sha256, examined.size, examined.media_type, *shape)
