"""Cuts a byte stream into lines."""

from coda.llm.errors import MalformedAnswer

_LONGEST_LINE = 8_000_000


class LineSplitter:
    """Keeps the unfinished last line until the rest of it comes."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, block: bytes) -> list[bytes]:
        """The lines that this block finishes, without their newline."""
        lines = (self._rest + block).split(b"\n") if self._rest else block.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE:
            raise MalformedAnswer("A line of its answer has no end.")
        return lines

    def rest(self) -> bytes:
        """The last line of a stream that did not end it."""
        return self._rest
