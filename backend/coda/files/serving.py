"""How a file's bytes are answered: never as something that a browser would run, and in part where that is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from coda.files.service import OpenedFile
from coda.files.sniffing import PICTURES

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


def headers_of(file: OpenedFile, *, seconds: int | None) -> dict[str, str]:
    """What goes with the bytes; `seconds`: how long a browser may keep them without asking."""
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


def slice_of(headers: Mapping[str, str], file: OpenedFile) -> Slice | None:
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
