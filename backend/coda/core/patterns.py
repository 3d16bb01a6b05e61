"""Patterns over text that somebody else wrote: whatever it is, a search takes time linear in its length.

RE2 compiles them, which never backtracks, and lets other threads work meanwhile. It knows no lookaround and no
back-references; what needs these is a scanner. The standard library's `re` is used here alone, and only for runs of
characters of one class, which cannot backtrack either; everywhere else the linter refuses it.

The syntax is RE2's, but that `\\w`, `\\d` and `\\s` know all of Unicode. `\\b` does not: at the edges of words in
other languages than English write `WORD_START` and `WORD_END`, which match a character there.
"""

import re  # for `Characters` alone
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Final, Protocol

import re2

from coda.core.text import encodable

WORD_START: Final = r"(?:^|\W)"
WORD_END: Final = r"(?:\W|$)"

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_CLASSES: Final = {
    "w": r"\pL\pN_",
    "d": r"\p{Nd}",
    "s": r"\s\x{0b}\x{1c}-\x{1f}\x{85}\pZ",
}


class Match(Protocol):
    """Where a pattern was found. Positions count characters."""

    def group(self, group: int | str = 0, /) -> str:
        """The text of a group; None where the group took no part, so ask only for one that did, or use `groups`."""
        ...

    def __getitem__(self, group: int | str, /) -> str:
        """The same as `group`."""
        ...

    def groups(self) -> tuple[str | None, ...]:
        """The texts of all groups."""
        ...

    def groupdict(self) -> dict[str, str | None]:
        """The texts of the named groups."""
        ...

    def start(self, group: int = 0, /) -> int:
        """Where a group begins."""
        ...

    def end(self, group: int = 0, /) -> int:
        """Where a group ends."""
        ...

    @property
    def lastgroup(self) -> str | None:
        """The name of the outermost group that matched last."""
        ...


class Pattern:
    """A pattern, compiled at its first use, which raises ValueError where RE2 does not know its syntax.

    Loop over `finditer`, not over `match` with a growing position: each call reads the text anew.
    """

    def __init__(self, source: str) -> None:
        self.source = source

    @cached_property
    def _compiled(self) -> Any:  # noqa: ANN401 - re2 has no types
        try:
            return re2.compile(_with_unicode(self.source), _OPTIONS)
        except re2.error as error:
            raise ValueError(f"{self.source!r} is no pattern of RE2: {error}") from None

    def search(self, text: str) -> Match | None:
        """The first place where it matches."""
        found: Match | None = self._compiled.search(encodable(text))
        return found

    def match(self, text: str, position: int = 0) -> Match | None:
        """The match that begins here."""
        found: Match | None = self._compiled.match(encodable(text), position)
        return found

    def fullmatch(self, text: str) -> Match | None:
        """The match of the whole text."""
        found: Match | None = self._compiled.fullmatch(encodable(text))
        return found

    def finditer(self, text: str) -> Iterator[Match]:
        """All matches that do not overlap, from the left."""
        matches: Iterator[Match] = self._compiled.finditer(encodable(text))
        return matches

    def findall(self, text: str) -> list[str]:
        """The texts of all matches."""
        return [match.group() for match in self.finditer(text)]

    def sub(self, replacement: str | Callable[[Match], str], text: str) -> str:
        """The text with each match replaced; a replacement that is text stands for itself."""
        pieces, end = [], 0
        for match in self.finditer(text):
            pieces.append(text[end : match.start()])
            pieces.append(replacement if isinstance(replacement, str) else replacement(match))
            end = match.end()
        return "".join([*pieces, text[end:]]) if pieces else text

    def split(self, text: str) -> list[str]:
        """What stands between the matches."""
        pieces, end = [], 0
        for match in self.finditer(text):
            pieces.append(text[end : match.start()])
            end = match.end()
        return [*pieces, text[end:]]


class Characters:
    """A class of characters, written as between brackets: for texts so long that RE2's conversions would be felt."""

    def __init__(self, members: str) -> None:
        if "[" in members.replace("\\[", "") or "]" in members.replace("\\]", ""):
            raise ValueError("a class of characters has no brackets of its own")
        self._runs = re.compile(f"[{members}]+")

    def removed(self, text: str) -> str:
        """The text without them."""
        return self._runs.sub("", text)

    def replaced(self, text: str, by: str) -> str:
        """The text with each run of them replaced."""
        return self._runs.sub(lambda _run: by, text)


def _with_unicode(source: str) -> str:
    """Write the classes that RE2 knows for ASCII only so that they know all of Unicode."""
    pieces: list[str] = []
    is_in_brackets, place = False, 0
    while place < len(source):
        character, following = source[place], source[place + 1 : place + 2]
        if character == "\\":
            pieces.append(_escape(following, is_in_brackets=is_in_brackets))
            place += 2
            continue
        if character == "[" and not is_in_brackets:
            is_in_brackets = True
        elif character == "]" and is_in_brackets and source[place - 1] != "[" and source[place - 2 : place] != "[^":
            is_in_brackets = False
        pieces.append(character)
        place += 1
    return "".join(pieces)


def _escape(letter: str, *, is_in_brackets: bool) -> str:
    members = _CLASSES.get(letter.lower())
    if members is None or (letter.isupper() and is_in_brackets):
        if members is not None:
            raise ValueError(f"inside brackets, \\{letter} has no Unicode form: write what is left out")
        return f"\\{letter}"
    if is_in_brackets:
        return members
    return f"[^{members}]" if letter.isupper() else f"[{members}]"
