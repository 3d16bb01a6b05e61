"""Files as the API takes and gives them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from coda.core.pagination import Page
from coda.core.scope import Scope
from coda.files.links import FileLinks, expiry
from coda.files.types import FileUses, KeptFile, UploadState

_LONGEST_GIVEN_NAME = 1_024


class FileCreate(BaseModel):
    """A file that comes in pieces. What it is shows in its bytes: `media_type` is taken, and counts for nothing."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=_LONGEST_GIVEN_NAME)]
    size: Annotated[int, Field(ge=0, le=2**53)]
    media_type: Annotated[str, Field(max_length=200)] | None = None


class FileAddresses(BaseModel):
    """Paths that open a file without a token, until `expires_at`. `view` and `thumbnail` are of pictures."""

    content: str
    view: str | None
    thumbnail: str | None
    expires_at: datetime


class FileRead(BaseModel):
    """A file. `kind` is `image` for what can be looked at; its size is that of the upright picture."""

    id: UUID
    name: str
    media_type: str
    size: int
    kind: Literal["image", "file"]
    width: int | None
    height: int | None
    created_at: datetime
    addresses: FileAddresses

    @classmethod
    def of(cls, file: KeptFile, scope: Scope, links: FileLinks) -> "FileRead":
        """The public form of a file for one reader."""
        copies = {name: links.sign(scope, file.id, name) if file.is_picture else None for name in ("view", "thumbnail")}
        addresses = FileAddresses(
            content=links.sign(scope, file.id, "original"),
            view=copies["view"],
            thumbnail=copies["thumbnail"],
            expires_at=datetime.fromtimestamp(expiry(), UTC),
        )
        return cls(
            id=file.id,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            kind="image" if file.is_picture else "file",
            width=file.width,
            height=file.height,
            created_at=file.created_at,
            addresses=addresses,
        )


class FileUseRead(BaseModel):
    """A message that shows a file, and its chat."""

    session_id: UUID
    title: str | None
    message_id: UUID


class OwnFileRead(FileRead):
    """A file of the caller's. `uses`: how many messages of theirs show it; `used_in`: the newest 5 of those."""

    uses: int
    used_in: list[FileUseRead]

    @classmethod
    def used(cls, file: KeptFile, uses: FileUses, scope: Scope, links: FileLinks) -> "OwnFileRead":
        """The public form of a file for its owner."""
        used_in = [FileUseRead.model_validate(use, from_attributes=True) for use in uses.newest]
        return cls(**dict(FileRead.of(file, scope, links)), uses=uses.count, used_in=used_in)


class UploadRead(BaseModel):
    """An upload: `offset` is the next byte that is wanted. `file` is there once it is whole, under the same id."""

    id: UUID
    name: str
    size: int
    offset: int
    expires_at: datetime | None
    file: FileRead | None

    @classmethod
    def of(cls, state: UploadState, scope: Scope, links: FileLinks) -> "UploadRead":
        """The public form of an upload."""
        return cls(
            id=state.id,
            name=state.name,
            size=state.size,
            offset=state.received,
            expires_at=state.upload.expires_at if state.upload else None,
            file=FileRead.of(state.file, scope, links) if state.file else None,
        )


class FileStorageRead(BaseModel):
    """How much room the organization's files take, and how much they and one of them may."""

    used_bytes: int
    max_bytes: int
    max_file_bytes: int


class FilePage(BaseModel):
    """The caller's own files, newest first."""

    items: list[OwnFileRead]
    next_cursor: str | None
    storage: FileStorageRead

    @classmethod
    def of(
        cls,
        page: Page[KeptFile],
        uses: Mapping[UUID, FileUses],
        storage: FileStorageRead,
        scope: Scope,
        links: FileLinks,
    ) -> "FilePage":
        """The public form of a page."""
        items = [OwnFileRead.used(file, uses.get(file.id, FileUses()), scope, links) for file in page.items]
        return cls(items=items, next_cursor=page.next_cursor, storage=storage)
