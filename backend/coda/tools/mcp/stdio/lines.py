"""Bytes that come in pieces, as lines of which none is longer than what is taken."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its end; of one that is too long only the beginning, told as soon as it is."""

    text: bytes
    is_whole: bool = True


class Lines:
    """Never keeps more than `longest` bytes of a line that has not ended."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._begun = bytearray()
        self._is_cut = False

    def feed(self, piece: bytes) -> Iterator[Line]:
        """The lines that end in this piece, or grow too long in it."""
        *ended, rest = piece.split(b"\n")
        for text in ended:
            yield from self._grow(text)
            if not self._is_cut:
                yield Line(bytes(self._begun))
            self._begun.clear()
            self._is_cut = False
        yield from self._grow(rest)

    def _grow(self, text: bytes) -> Iterator[Line]:
        if self._is_cut:
            return
        room = self._longest - len(self._begun)
        self._begun += text[:room]
        if len(text) > room:
            self._is_cut = True
            yield Line(bytes(self._begun), is_whole=False)
            self._begun.clear()
