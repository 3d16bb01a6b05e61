"""Cuts a byte stream into lines."""

from coda.llm.errors import MalformedAnswer

_LONGEST_LINE = 8_000_000


class LineSplitter:
    """Keeps the unfinished last line until the rest of it comes."""

    __slots__ = ("_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def feed(self, block: bytes) -> list[bytes]:
        """The lines that this block finishes, without their newline."""
        end, *lines = block.split(b"\n")
        if lines:
            finished, rest = [b"".join([*self._pieces, end]), *lines[:-1]], lines[-1]
            self._pieces, self._size = [], 0
        else:
            finished, rest = [], end
        self._pieces.append(rest)
        self._size += len(rest)
        if self._size > _LONGEST_LINE:
            raise MalformedAnswer("A line of its answer has no end.")
        return finished

    def rest(self) -> bytes:
        """The last line of a stream that did not end it."""
        return b"".join(self._pieces)
