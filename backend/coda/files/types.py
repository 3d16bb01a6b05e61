"""What files are made of beyond their tables, and what this domain needs of those above."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope

Variant = Literal["original", "view", "thumbnail"]
"""A file's own bytes; of a picture also a copy for models and screens, and a small one for lists. Copies tell nothing
of where and with what a picture was taken."""
VIEW_SIDE: Final = 2_048
"""The longest side of a picture's copy: no model looks at more."""
MOST_FILES: Final = 10
"""Files of one message."""
LONGEST_NAME: Final = 255
CLEAN_UP_JOB: Final = "files"

Readable = Callable[[Scope], tuple[ColumnElement[bool], Mapping[str, Any]]]
"""Which rows of `files` a scope may read besides a person's own, and the values of the condition's parameters.

Domains above give them: a file may be read by who may read a message that shows it.
"""


@dataclass(frozen=True, slots=True)
class FileUse:
    """A message that shows a file, in a chat of the reader's."""

    session_id: UUID
    title: str | None
    message_id: UUID


@dataclass(frozen=True, slots=True)
class FileUses:
    """How many messages show a file, and the newest of them."""

    count: int = 0
    newest: Sequence[FileUse] = ()


FindUses = Callable[[AsyncSession, Scope, Collection[UUID]], Awaitable[Mapping[UUID, FileUses]]]
"""Of each of these files that messages show, by which, as far as the scope may read them; given by domains above."""


class HasKey(Protocol):
    """Something that lies in the store."""

    @property
    def key(self) -> str:
        """Where."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """What was made of a picture: its size as it is looked at, and its two copies."""

    width: int
    height: int
    view: bytes
    view_type: str
    thumbnail: bytes


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file with its content, as whoever may read it sees it. Without `content_id` its bytes are gone."""

    id: UUID
    user_id: UUID
    name: str
    created_at: datetime
    content_id: UUID | None
    sha256: str = ""
    size: int = 0
    media_type: str = ""
    width: int | None = None
    height: int | None = None
    view_type: str | None = None

    @property
    def view_size(self) -> tuple[int, int]:
        """The size of a picture's copy for models and screens."""
        width, height = self.width or 0, self.height or 0
        shrink = min(1.0, VIEW_SIDE / max(1, width, height))
        return max(1, round(width * shrink)), max(1, round(height * shrink))

    @property
    def is_picture(self) -> bool:
        """Whether it can be looked at."""
        return self.width is not None


@dataclass(frozen=True, slots=True)
class StartedUpload:
    """A file on its way: `received` of its `size` bytes are here."""

    id: UUID
    name: str
    size: int
    received: int
    parts: tuple[UUID, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UploadState:
    """An upload, or the file that it has become."""

    id: UUID
    name: str
    size: int
    received: int
    upload: StartedUpload | None
    file: KeptFile | None

    @classmethod
    def of_upload(cls, upload: StartedUpload) -> "UploadState":
        """One under way."""
        return cls(upload.id, upload.name, upload.size, upload.received, upload, None)

    @classmethod
    def of_file(cls, file: KeptFile) -> "UploadState":
        """One that is whole."""
        return cls(file.id, file.name, file.size, file.size, None, file)
