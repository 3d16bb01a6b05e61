"""Bodies that are compressed although that was not asked for: gzip and deflate are read all the same."""

import zlib
from collections.abc import Callable

from coda.core.guarded_http.errors import OutboundFailed

_ANY_HEADER = 47
_NO_HEADER = -15
_AT_ONCE = 4_000_000

Inflate = Callable[[bytes], bytes]


def inflate_of(encoding: str | None) -> Inflate | None:
    """What turns blocks of a body into plain ones; None where they are plain. Raises OutboundFailed."""
    name = (encoding or "identity").strip().lower()
    if name in ("identity", "", "none"):
        return None
    if name in ("gzip", "x-gzip", "deflate"):
        return Inflating()
    raise OutboundFailed(f"The answer is compressed in a way that was not asked for ({name[:20]}).")


class Inflating:
    """State of one compressed body. Raises OutboundFailed for what is broken, or grows beyond all measure."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_ANY_HEADER)
        self._is_begun = False

    def __call__(self, block: bytes) -> bytes:
        """The plain bytes that this block completes."""
        try:
            plain = self._inflate(block)
        except zlib.error:
            raise OutboundFailed("The answer is not compressed as it says.") from None
        if self._stream.unconsumed_tail:
            raise OutboundFailed("The answer is too large once it is unpacked.")
        return plain

    def _inflate(self, block: bytes) -> bytes:
        if self._is_begun or not block:
            return self._stream.decompress(block, _AT_ONCE)
        self._is_begun = True
        try:
            return self._stream.decompress(block, _AT_ONCE)
        except zlib.error:  # deflate without a header, as some servers understand the word
            self._stream = zlib.decompressobj(_NO_HEADER)
            return self._stream.decompress(block, _AT_ONCE)
