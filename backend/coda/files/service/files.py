"""Reading, listing and deleting files, and the parts that messages show of them."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from coda.core.jobs import JobQueue
from coda.core.pagination import Cursor, Page, page_of
from coda.core.scope import Scope
from coda.files.errors import FileGone, FileNotFound
from coda.files.repository import ContentRepository, FileRepository
from coda.files.store import content_key
from coda.files.types import CLEAN_UP_JOB, FileUses, KeptFile, Variant

_THUMBNAIL_TYPE = "image/webp"


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """What can be read of a file: where it lies, its name and type; `size` only of its own bytes."""

    id: UUID
    key: str
    name: str
    media_type: str
    size: int | None
    etag: str
    variant: Variant


class FileService:
    """Files as the scope's person may read and change them."""

    def __init__(
        self,
        files: FileRepository,
        contents: ContentRepository,
        jobs: JobQueue,
        scope: Scope,
        find_uses: Callable[[Collection[UUID]], Awaitable[Mapping[UUID, FileUses]]] | None = None,
    ) -> None:
        self._files, self._contents, self._jobs, self._scope = files, contents, jobs, scope
        self._find_uses = find_uses

    async def get(self, file_id: UUID) -> KeptFile:
        """A file that may be read; raises FileNotFound, FileGone."""
        file = await self._files.find_readable(file_id)
        if file is None:
            raise FileNotFound(file_id)
        if file.content_id is None:
            raise FileGone(file_id)
        return file

    async def list(self, *, cursor: str | None, limit: int) -> Page[KeptFile]:
        """The person's own files, newest first."""
        rows = await self._files.list_own(cursor=Cursor.decode(cursor), limit=limit)
        return page_of(rows, limit=limit, key=lambda file: Cursor(file.created_at, file.id))

    async def uses(self, files: Sequence[KeptFile]) -> Mapping[UUID, FileUses]:
        """Where files are shown, of those that are."""
        return {} if self._find_uses is None else await self._find_uses([file.id for file in files])

    async def used_bytes(self) -> int:
        """How much room the organization's files take."""
        return await self._contents.used_bytes()

    async def delete(self, file_id: UUID) -> None:
        """Delete one's own file; messages that show it say so. Raises FileNotFound, FileGone."""
        file = await self._files.find_own(file_id)
        if file is None:
            raise FileNotFound(file_id)
        if file.content_id is None:
            raise FileGone(file_id)
        await self._files.empty(file_id)
        await self._jobs.enqueue(CLEAN_UP_JOB, once="all")

    async def open(self, file_id: UUID, variant: Variant) -> OpenedFile:
        """What lies where; a file that is no picture has no copies. Raises FileNotFound, FileGone.

        Only its owner gets a picture as it was sent: it may tell where it was taken.
        """
        file = await self.get(file_id)
        if variant == "original" and file.is_picture and file.user_id != self._scope.user_id:
            variant = "view"
        if not file.is_picture:
            variant = "original"
        return _opened(self._scope.org_id, file, variant)

    async def own(self, file_ids: Sequence[UUID]) -> dict[UUID, KeptFile]:
        """One's own files by their ids; raises FileNotFound, FileGone for one that cannot be shown."""
        found = {file.id: file for file in await self._files.list_any(file_ids)}
        for file_id in file_ids:
            file = found.get(file_id)
            if file is None or file.user_id != self._scope.user_id:
                raise FileNotFound(file_id)
            if file.content_id is None:
                raise FileGone(file_id)
        return found


def _opened(org_id: UUID, file: KeptFile, variant: Variant) -> OpenedFile:
    if file.content_id is None:
        raise FileGone(file.id)
    key = content_key(org_id, file.sha256, file.content_id, variant)
    size = file.size if variant == "original" else None
    types: dict[Variant, str] = {
        "original": file.media_type,
        "view": file.view_type or file.media_type,
        "thumbnail": _THUMBNAIL_TYPE,
    }
    return OpenedFile(file.id, key, file.name, types[variant], size, f'"{file.sha256[:32]}-{variant}"', variant)
