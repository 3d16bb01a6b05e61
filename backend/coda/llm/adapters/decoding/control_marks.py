"""Takes a model's control tokens out of its text, where a server left them in: channels, and the mark of the end."""

from typing import Final, NamedTuple

from coda.core.patterns import Pattern

_CHANNEL: Final = "<|channel|>"
_MESSAGE: Final = "<|message|>"
_START: Final = "<|start|>"
_CLOSINGS: Final = ("<|end|>", "<|return|>", "<|call|>", _START, _CHANNEL)
_OPENINGS: Final = (_CHANNEL, f"{_START}assistant")
_ENDS: Final = (
    "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "<|return|>",
    "<end_of_turn>", "</s>", "<｜end▁of▁sentence｜>",  # noqa: RUF001 - DeepSeek's own bars
)  # fmt: skip
_SPEAKING: Final = (" ", "`", "'", '"', ":", "(")
"""What stands before a token that the answer is about."""
_LONGEST_HEADER: Final = 200
_MOST_ENDS: Final = 5
_STRUCK: Final = "<s>"
_STRUCK_END: Final = "</s>"
"""HTML's struck text: its end is no mark where it was begun."""
_MARK: Final = "<|"
_HEADER: Final = Pattern(r"(?:<\|(?:start|channel|constrain)\|>\w*(?:\s+to=[\w.-]*)?(?:\s+json)?\s*)+(?:<\|?\w*\|?)?")
"""A header that is cut."""
_RECIPIENT: Final = "to=functions."


class Passage(NamedTuple):
    """A piece of text or of a chain of thought; with `tool`, all arguments of a call."""

    text: str
    is_thought: bool = False
    tool: str | None = None


class ControlMarks:
    """State of one turn. Channels count only where the turn begins with one; an end, where nothing follows it."""

    __slots__ = ("_arguments", "_held", "_in_channels", "_inside")

    def __init__(self) -> None:
        self._held = ""
        self._in_channels: bool | None = None
        self._inside: Passage | None = None
        self._arguments: list[str] = []

    @property
    def is_plain(self) -> bool:
        """Whether text without `<` is nothing but text now."""
        return self._in_channels is False and not self._held

    def feed(self, text: str) -> list[Passage]:
        """What is certain by now; what may be a mark is held back."""
        text, self._held = self._held + text, ""
        if self._in_channels is None:
            begun = text.lstrip()
            if not begun or any(opening.startswith(begun) for opening in _OPENINGS):
                self._held = text
                return []
            self._in_channels = begun.startswith(_OPENINGS)
            text = begun if self._in_channels else text
        found: list[Passage] = []
        while text and self._in_channels:
            text = self._header(text) if self._inside is None else self._body(text, self._inside, found)
        return [*found, *self._outside(text)] if text else found

    def end(self, said: str) -> list[Passage]:
        """What was held back: nothing follows it, so a mark at its end is the model's. `said`: all the text before."""
        held, self._held = self._held, ""
        if self._inside is not None:
            held = "".join((*self._arguments, held))
            return [self._inside._replace(text=held)] if held or self._inside.tool is not None else []
        if self._in_channels and _HEADER.fullmatch(held):
            return []
        is_meant = said.endswith(_SPEAKING) or (_STRUCK_END in held and _STRUCK in said)
        held = held if is_meant else _without_ends(held)
        return [Passage(held)] if held else []

    def _outside(self, text: str) -> list[Passage]:
        """All but the ends that may be marks."""
        at = text.rfind("<")
        rest = text[at:].rstrip() if at >= 0 else ""
        if rest and any(mark.startswith(rest) for mark in _ENDS):
            said = _without_ends(text[:at])
            text, self._held = said, text[len(said) :]
        return [Passage(text)] if text else []

    def _header(self, text: str) -> str:
        """Read up to where a message begins: what follows is left."""
        header, mark, rest = text.partition(_MESSAGE)
        if mark:
            self._inside = _passage_of(header)
        elif len(header) > _LONGEST_HEADER:  # these are no channels
            self._in_channels, rest = False, text
        else:
            self._held = text
        return rest

    def _body(self, text: str, inside: Passage, found: list[Passage]) -> str:
        """Read up to where the message ends: what follows is left."""
        said, is_closed, rest = _to_closing(text)
        if inside.tool is not None:
            self._arguments.append(said)
            said = ""
        if is_closed:
            said = "".join((*self._arguments, said))
            self._inside, self._arguments = None, []
        else:
            self._held, rest = rest, ""
        if said or (is_closed and inside.tool is not None):
            found.append(inside._replace(text=said))
        return rest


def _without_ends(text: str) -> str:
    """The text without the marks at its end; some models write one after the other."""
    for _ in range(_MOST_ENDS):
        bare = text.rstrip()
        mark = next((mark for mark in _ENDS if bare.endswith(mark)), None)
        if mark is None:
            break
        text = bare.removesuffix(mark)
    return text


def _passage_of(header: str) -> Passage:
    """What a header says, such as `<|channel|>analysis` or `<|channel|>commentary to=functions.now`."""
    recipient = header.partition(_RECIPIENT)[2].split(_MARK)[0].split()
    if recipient:
        return Passage("", tool=recipient[0])
    return Passage("", is_thought=header.rpartition(_CHANNEL)[2].split()[:1] == ["analysis"])


def _to_closing(text: str) -> tuple[str, bool, str]:
    """The text up to the next closing, whether there is one, and what follows it; else the end that may begin one."""
    found = [(at, mark) for mark in _CLOSINGS if (at := text.find(mark)) >= 0]
    if found:
        at, mark = min(found)
        follows = at if mark in (_START, _CHANNEL) else at + len(mark)
        return text[:at], True, text[follows:]
    at = text.rfind("<")
    if at >= 0 and any(mark.startswith(text[at:]) for mark in _CLOSINGS):
        return text[:at], False, text[at:]
    return text, False, ""
