"""Looks at what has arrived: its hash, what it is, and of a picture its copies. All of it beside the event loop."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from coda.files.sniffing import HEAD, PICTURES, media_type_of
from coda.files.store import FileStore
from coda.files.types import Picture


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found."""

    sha256: str
    size: int
    media_type: str
    picture: Picture | None


class Examiner:
    """Looks at few files at a time: an unpacked picture takes some hundred megabytes."""

    def __init__(self, store: FileStore, *, at_once: int) -> None:
        self._store, self._gate = store, asyncio.Semaphore(at_once)

    async def look_at(self, keys: Sequence[str]) -> Examined:
        """Look at the pieces of a file; raises PictureTooLarge, PictureUnreadable."""
        async with self._gate:
            digest, size, head = hashlib.sha256(), 0, b""
            async with aclosing(chunks_of(self._store, keys)) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(digest.update, chunk)
                    size += len(chunk)
                    head = head if len(head) >= HEAD else head + chunk[:HEAD]
            media_type = await asyncio.to_thread(media_type_of, head)
            picture = await self._picture(keys, media_type) if media_type in PICTURES else None
        return Examined(digest.hexdigest(), size, media_type, picture)

    async def _picture(self, keys: Sequence[str], media_type: str) -> Picture:
        async with aclosing(chunks_of(self._store, keys)) as chunks:
            parts = [chunk async for chunk in chunks]
        return await asyncio.to_thread(_copies_of, parts, media_type)


def _copies_of(parts: Sequence[bytes], media_type: str) -> Picture:
    from coda.files.pictures import copies_of  # its decoders are loaded with the first picture

    return copies_of(b"".join(parts), media_type)


async def chunks_of(store: FileStore, keys: Sequence[str]) -> AsyncGenerator[bytes, None]:
    """The bytes of several keys, one after the other."""
    for key in keys:
        async with aclosing(store.read(key)) as chunks:
            async for chunk in chunks:
                yield chunk
