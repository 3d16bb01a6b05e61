"""How a file's bytes are answered: never as something that a browser would run, and in part where that is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse
from starlette.status import HTTP_206_PARTIAL_CONTENT, HTTP_304_NOT_MODIFIED, HTTP_416_RANGE_NOT_SATISFIABLE

from coda.files.errors import FileGone
from coda.files.service import OpenedFile
from coda.files.sniffing import PICTURES
from coda.files.store import BytesMissing, FileStore

_SHOWN: Final = frozenset({*PICTURES, "application/pdf", "text/plain"})
"""Types that are told as what they are; all others are bytes to be saved."""
_UNKNOWN: Final = "application/octet-stream"
_MOST_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Slice:
    """From the first byte to before `end`; with none in between it lies beyond the file."""

    start: int
    end: int

    @property
    def is_beyond(self) -> bool:
        """Whether there is no such part."""
        return self.start >= self.end


@dataclass(frozen=True, slots=True)
class FileAnswer:
    """Answers with a file. `seconds`: how long a browser may keep it without asking.

    The store is asked before anything is said, so that its bytes are promised only where they are.
    """

    file: OpenedFile
    store: FileStore
    seconds: int | None

    async def to(self, method: str, asked: Mapping[str, str]) -> Response:
        """The answer to a request with these headers; raises FileGone, StoreUnavailable."""
        headers = _headers(self.file, seconds=self.seconds)
        if _has(asked, self.file.etag):  # the same bytes have the same name: whether the store has them counts no more
            return Response(status_code=HTTP_304_NOT_MODIFIED, headers=headers)
        try:
            return await (self._head(headers) if method == "HEAD" else self._content(_slice(asked, self.file), headers))
        except BytesMissing:
            raise FileGone(self.file.id) from None

    async def _head(self, headers: dict[str, str]) -> Response:
        """As of the whole: `Range` is for GET alone."""
        return Response(headers={**headers, "Content-Length": str(await self.store.size(self.file.key))})

    async def _content(self, part: Slice | None, headers: dict[str, str]) -> Response:
        if part is None:
            whole = await self.store.open(self.file.key)
            return StreamingResponse(whole.chunks, headers={**headers, "Content-Length": str(whole.size)})
        size = self.file.size
        if part.is_beyond:
            return Response(status_code=HTTP_416_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
        found = await self.store.open(self.file.key, start=part.start, end=part.end)
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
        headers["Content-Length"] = str(part.end - part.start)
        return StreamingResponse(found.chunks, HTTP_206_PARTIAL_CONTENT, headers)


def _has(asked: Mapping[str, str], etag: str) -> bool:
    """Whether the client has what has this name; weak names are as good here."""
    names = [name.strip().removeprefix("W/") for name in asked.get("if-none-match", "").split(",")]
    return etag in names or names == ["*"]


def _headers(file: OpenedFile, *, seconds: int | None) -> dict[str, str]:
    media_type = file.media_type if file.media_type in _SHOWN else _UNKNOWN
    how = "attachment" if file.variant == "original" else "inline"
    return {
        "Content-Type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
        "Content-Disposition": f"{how}; {_named(file.name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache" if seconds is None else f"private, max-age={seconds}",
        "ETag": file.etag,
        "Accept-Ranges": "bytes" if file.size is not None else "none",
    }


def _slice(headers: Mapping[str, str], file: OpenedFile) -> Slice | None:
    """The part that a request asks for; None where it wants all, or more than one."""
    asked = headers.get("range", "").strip().lower()
    if file.size is None or not asked.startswith("bytes=") or headers.get("if-range", file.etag) != file.etag:
        return None
    first, dash, last = (text.strip() for text in asked.removeprefix("bytes=").partition("-"))
    if not dash or not all(_is_number(text) for text in (first, last) if text) or not first + last:
        return None
    if not first:
        start, end = max(0, file.size - int(last)), file.size
    else:
        start, end = int(first), min(file.size, int(last) + 1) if last else file.size
    return Slice(start, end)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _named(name: str) -> str:
    """RFC 6266: plain letters for old clients, and the name itself."""
    plain = "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\%' else "_" for letter in name
    )
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
