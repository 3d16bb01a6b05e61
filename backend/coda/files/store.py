"""Where the bytes are: a folder, or an object store by URL. Keys are ours alone, and begin with the organization."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from coda.core.ids import new_id
from coda.core.settings import FileSettings
from coda.files.errors import StoreMisconfigured, StoreUnavailable
from coda.files.types import Variant

if TYPE_CHECKING:
    from obstore import GetResult  # stubs alone
    from obstore.store import RetryConfig

CHUNK: Final = 1024 * 1024
_PART: Final = 5 * 1024 * 1024  # the least that object stores take as a part
_PARALLEL_PARTS: Final = 2
_RETRIES: "Final[RetryConfig]" = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
"""Somebody waits: the usual three minutes are longer than any of them does."""
_FOLDER: Final = "files"
_CONTENTS, _UPLOADS, _PROBES = "contents", "uploads", "probes"


class BytesMissing(Exception):
    """The store has nothing under this key."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store has under one key. `owner_id`: the id of its content or upload; None for what is not ours."""

    key: str
    changed_at: datetime
    org_id: UUID | None
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class OpenedBytes:
    """Bytes that the store has begun to give; `size` is that of the whole object."""

    size: int
    chunks: AsyncGenerator[bytes, None]


class FileStore:
    """Reads and writes streams of bytes; raises StoreUnavailable where that fails."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, chunks: AsyncIterator[bytes] | bytes) -> None:
        """Store bytes as they come: whole, or not at all."""
        with _translated():
            await obstore.put_async(self._store, key, chunks, chunk_size=_PART, max_concurrency=_PARALLEL_PARTS)

    async def open(self, key: str, *, start: int = 0, end: int | None = None) -> OpenedBytes:
        """The bytes from `start` to before `end`, once the store has said that they are there. Raises BytesMissing."""
        with _translated():
            options = None if end is None else {"range": (start, end)}
            found = await obstore.get_async(self._store, key, options=options)  # type: ignore[arg-type]  # a range
        return OpenedBytes(found.meta["size"], _chunks(found))

    async def size(self, key: str) -> int:
        """How many bytes there are. Raises BytesMissing."""
        with _translated():
            return (await obstore.head_async(self._store, key))["size"]

    async def read(self, key: str) -> AsyncGenerator[bytes, None]:
        """All of it, in chunks. Raises BytesMissing."""
        async with aclosing((await self.open(key)).chunks) as chunks:
            async for chunk in chunks:
                yield chunk

    async def read_whole(self, key: str) -> bytes | None:
        """All of it, for what is known to be small; None where nothing lies there."""
        try:
            return b"".join([chunk async for chunk in self.read(key)])
        except BytesMissing:
            return None

    async def probe(self) -> None:
        """Write, read and remove a few bytes; raises StoreUnavailable."""
        key = f"{_PROBES}/{new_id()}"
        await self.put(key, b"a probe")
        try:
            [chunk async for chunk in self.read(key)]
        finally:
            await self.delete([key])

    async def delete(self, keys: Iterable[str]) -> None:
        """Remove what is there."""
        for key in keys:
            with suppress(BytesMissing), _translated():
                await obstore.delete_async(self._store, key)

    async def list(self) -> AsyncIterator[StoredObject]:
        """Everything there is."""
        with _translated():
            async for page in obstore.list(self._store):
                for entry in page:
                    yield _stored(entry["path"], entry["last_modified"])


def open_store(settings: FileSettings, data_dir: Path) -> FileStore:
    """The store that is configured; raises StoreMisconfigured. It is not asked before it is used."""
    if settings.url is None:
        return FileStore(LocalStore(data_dir.expanduser() / _FOLDER, mkdir=True))
    try:
        return FileStore(from_url(settings.url.get_secret_value(), retry_config=_RETRIES))
    except (BaseError, ValueError, OSError) as error:
        raise StoreMisconfigured(str(error).splitlines()[0][:200]) from None


def content_key(org_id: UUID, sha256: str, content_id: UUID, variant: Variant = "original") -> str:
    """Where a content lies. Its id is in it too: what is stored anew is never removed with what was there before."""
    return f"{org_id}/{_CONTENTS}/{sha256}/{content_id}/{variant}"


def content_keys(org_id: UUID, sha256: str, content_id: UUID) -> list[str]:
    """All that lies there of a content."""
    variants: tuple[Variant, ...] = ("original", "view", "thumbnail")
    return [content_key(org_id, sha256, content_id, variant) for variant in variants]


def part_key(org_id: UUID, upload_id: UUID, part: UUID) -> str:
    """Where a piece of an upload lies."""
    return f"{org_id}/{_UPLOADS}/{upload_id}/{part}"


async def _chunks(found: "GetResult") -> AsyncGenerator[bytes, None]:
    with _translated():
        async for chunk in found.stream(min_chunk_size=CHUNK):
            yield bytes(chunk)


def _stored(key: str, changed_at: datetime) -> StoredObject:
    try:
        match key.split("/"):
            case [org_id, "contents", _, content_id, _]:
                return StoredObject(key, changed_at, UUID(org_id), UUID(content_id))
            case [org_id, "uploads", upload_id, _]:
                return StoredObject(key, changed_at, UUID(org_id), UUID(upload_id))
    except ValueError:
        pass
    return StoredObject(key, changed_at, None, None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise BytesMissing from None
    except (BaseError, OSError) as error:
        raise StoreUnavailable from error
