"""Cuts a byte stream into lines, whatever ends them."""

from coda.llm.errors import MalformedAnswer

_LONGEST_LINE = 8_000_000
_MARK = b"\xef\xbb\xbf"


class LineSplitter:
    """Keeps the unfinished last line until the rest of it comes. A byte order mark at the beginning is left out."""

    __slots__ = ("_after_return", "_is_begun", "_pieces", "_size")

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_begun = False
        self._after_return = False

    def feed(self, block: bytes) -> list[bytes]:
        """The lines that this block finishes, without their end: LF, CR LF or CR."""
        if not self._is_begun:
            block = self._begin(block)
        if self._after_return or b"\r" in block:
            block = self._with_newlines(block)
        *lines, rest = block.split(b"\n")
        if lines and self._pieces:
            lines[0] = self._rest(lines[0])
        if rest:
            self._keep(rest)
        return lines

    def end(self) -> list[bytes]:
        """The last line of a stream that did not end it."""
        rest = self._rest()
        return [rest] if rest else []

    def _keep(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > _LONGEST_LINE:
            raise MalformedAnswer("A line of its answer has no end.")

    def _rest(self, end: bytes = b"") -> bytes:
        """What is kept of the unfinished line, and its end; nothing is kept any more."""
        rest = b"".join([*self._pieces, end])
        self._pieces, self._size = [], 0
        return rest

    def _begin(self, block: bytes) -> bytes:
        """The first block without the mark; held back as long as it may be the beginning of one."""
        head = self._rest(block)
        if _MARK.startswith(head):
            self._is_begun = head == _MARK
            if not self._is_begun:
                self._keep(head)
            return b""
        self._is_begun = True
        return head.removeprefix(_MARK)

    def _with_newlines(self, block: bytes) -> bytes:
        """CR LF may come in two blocks: the CR has ended the line already."""
        if not block:
            return block
        if self._after_return and block[:1] == b"\n":
            block = block[1:]
            self._after_return = False
            if not block:
                return block
        self._after_return = block.endswith(b"\r")
        return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
