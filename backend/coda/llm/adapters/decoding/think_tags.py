"""Takes the chain of thought out of text: open models write it between tags, some of them without the first one."""

from typing import Final, Literal, NamedTuple

_PAIRS: Final = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
}
_USUAL: Final = "<think>"
_FENCE: Final = "```"


class Piece(NamedTuple):
    """A piece of text or reasoning; `retract`: all text before it was reasoning."""

    kind: Literal["text", "reasoning", "retract"]
    text: str


class ThinkTags:
    """State of one turn. Tags count where the turn begins, behind an earlier thought, and never in code.

    `said` is the text so far. `_watched` is the tag that may come next within text: the closing one before any thought,
    else an opening one.
    """

    __slots__ = ("_close", "_has_thought", "_held", "_is_at_start", "_spaces", "_watched", "said")

    def __init__(self) -> None:
        self._is_at_start = True
        self._has_thought = False
        self._close: str | None = None
        self._watched = _PAIRS[_USUAL]
        self._held = ""
        self.said: list[str] = []
        self._spaces: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether text without `<` and `[` is nothing but text now; it has to be added to `said`."""
        return not (self._is_at_start or self._held or self._close is not None)

    def feed(self, text: str) -> list[Piece]:
        """What is certain by now; what may be the beginning of a tag is held back."""
        pieces: list[Piece] = []
        rest: str | None = self._held + text
        self._held = ""
        while rest:
            if self._close is not None:
                rest = self._inside(rest, self._close, pieces)
            elif self._is_at_start:
                rest = self._at_start(rest)
            else:
                rest = self._outside(rest, pieces)
        return pieces

    def end(self) -> list[Piece]:
        """What was held back: nothing follows it."""
        pieces: list[Piece] = []
        held, self._held = self._held, ""
        if held and self._close is not None:
            self._think(held, pieces)
        elif held.strip() or not self._has_thought:
            self._say(held, pieces)
        return pieces

    def _at_start(self, text: str) -> str | None:
        begun = text.lstrip()
        opening = next((opening for opening in _PAIRS if begun.startswith(opening)), None)
        if opening is not None:
            self._open(opening)
            return begun[len(opening) :]
        if any(opening.startswith(begun) for opening in _PAIRS):
            self._held = text
            return None
        self._is_at_start = False
        return begun if self._has_thought else text

    def _open(self, opening: str) -> None:
        self._close, self._watched = _PAIRS[opening], opening
        self._is_at_start, self._has_thought = False, True
        self._spaces = None

    def _inside(self, text: str, closing: str, pieces: list[Piece]) -> str | None:
        thought, tag, rest = text.partition(closing)
        if tag:
            self._think(thought, pieces)
            self._close, self._is_at_start = None, True
            return rest
        self._think(self._hold_back(text, closing), pieces)
        return None

    def _outside(self, text: str, pieces: list[Piece]) -> str | None:
        said, tag, rest = text.partition(self._watched)
        if not tag:
            self._say(self._hold_back(text, self._watched), pieces)
            return None
        self._say(said, pieces)
        if _is_in_code("".join(self.said)):
            self._say(tag, pieces)
        elif self._has_thought:
            self._open(tag)
        else:
            self._has_thought = self._is_at_start = True
            self._watched = _USUAL
            pieces.append(Piece("retract", ""))
        return rest

    def _hold_back(self, text: str, tag: str) -> str:
        """The text without an end that may be the beginning of a tag."""
        longest = min(len(tag) - 1, len(text))
        kept = next((length for length in range(longest, 0, -1) if tag.startswith(text[-length:])), 0)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept]

    def _think(self, text: str, pieces: list[Piece]) -> None:
        """Spaces around a thought belong to its tags."""
        whole = text.lstrip() if self._spaces is None else self._spaces + text
        thought = whole.rstrip()
        if thought:
            pieces.append(Piece("reasoning", thought))
        if thought or self._spaces is not None:
            self._spaces = whole[len(thought) :]

    def _say(self, text: str, pieces: list[Piece]) -> None:
        if text:
            self.said.append(text)
            pieces.append(Piece("text", text))


def _is_in_code(text: str) -> bool:
    """Whether a text ends within a code block or a code span: a tag there is an example."""
    return text.count(_FENCE) % 2 == 1 or text.rpartition("\n")[2].count("`") % 2 == 1
