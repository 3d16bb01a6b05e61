"""What a server writes to stderr and what became of it: the newest lines, without its secrets."""

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from coda.core.clock import now
from coda.core.text import storable
from coda.tools.mcp.stdio.lines import Line, Lines

MOST_LINES: Final = 200
LONGEST_LINE: Final = 1_000
_READ: Final = 16_000
"""Bytes of a line that are looked at, so that a secret at the end of what is shown is found whole."""
_SHORTEST_SECRET: Final = 4
_MASK: Final = "•••"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line, and when it came."""

    at: datetime
    text: str


class ServerLog:
    """The log of one server; `version` counts its lines, so that a reader knows whether there are new ones."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        parts = {part.strip() for secret in secrets for part in (secret, *secret.splitlines())}
        self._secrets = sorted((part for part in parts if len(part) >= _SHORTEST_SECRET), key=len, reverse=True)
        self._lines: deque[LogLine] = deque(maxlen=MOST_LINES)
        self._stderr = Lines(_READ)
        self.version = 0

    @property
    def lines(self) -> list[LogLine]:
        """Oldest first."""
        return list(self._lines)

    @property
    def last_words(self) -> str:
        """The last line that the server wrote."""
        return next((line.text for line in reversed(self._lines) if not line.text.startswith("[")), "")

    def hear(self, piece: bytes) -> None:
        """Take what came from stderr."""
        for line in self._stderr.feed(piece):
            self._add(self.shown(line))

    def end(self) -> None:
        """Take what was written without an end of line."""
        self.hear(b"\n")

    def note(self, text: str) -> None:
        """Add a line of our own."""
        self._add(f"[{text}]")

    def shown(self, line: Line, *, longest: int = LONGEST_LINE) -> str:
        """A line as it may be shown."""
        text = storable(line.text.decode(errors="replace").strip())
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        if not text.isprintable():
            text = "".join(_printable(text))
        return text if len(text) <= longest and line.is_whole else f"{text[:longest]}…"

    def _add(self, text: str) -> None:
        if text:
            self._lines.append(LogLine(now(), text))
            self.version += 1


def _printable(text: str) -> Iterator[str]:
    """Without colours and bells."""
    is_escape = False
    for character in text:
        if character == "\x1b":
            is_escape = True
        elif is_escape:
            is_escape = not (character.isalpha() or character == "~")
        elif character.isprintable() or character == "\t":
            yield character
