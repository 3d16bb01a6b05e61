"""A chat's title: from its first exchange in its own words, or as a model wrote it, made fit to be shown."""

from coda.core.patterns import Match, Pattern

LONGEST = 60
_FENCE = Pattern(r"(?s)```.*?(?:```|\z)|~~~.*?(?:~~~|\z)")
_IMAGE_OR_LINK = Pattern(r"!?\[([^\]]*)\]\([^)]*\)")
_ADDRESS = Pattern(r"https?://(?:www\.)?([^\s/)>\]]+)\S*")
_LINE_MARK = Pattern(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?|\d{1,3}[.)]\s+|\|)+")
_EMPHASIS = Pattern(r"\*{1,3}|_{1,3}|~~|`+")
_TAG = Pattern(r"</?[A-Za-z][^<>]{0,200}>")
_MARKS = frozenset("#>-*+|[]<~_`")
_WIDE_ENDS = frozenset("\u3002\uff01\uff1f")
_ENDS = _WIDE_ENDS | frozenset("!?\u2026")
_JOINERS = "\u200c\u200d"  # Persian words and many emoji need them
_LABEL = Pattern(r"(?i)^title\s*(?::|$)\s*")
_QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb\u201e "
_EDGE = " \t.,;:-\u2013\u2014|"


def title_of(text: str) -> str | None:
    """The first sentence of a text, cut at a word near 60 characters; None where it has no words."""
    title = _first_sentence(text)
    return _cut(title) if title else None


def title_from(question: str, answer: str) -> str:
    """The title of a question, by its signs where it has no words; of the answer where nothing was asked."""
    return title_of(question) or _signs_of(question) or title_of(answer) or "New chat"


def _signs_of(question: str) -> str | None:
    """The first line of what is no sentence: code alone, an emoji, question marks."""
    lines = filter(None, map(str.strip, question[:4_000].splitlines()))
    first = next(filter(None, (_plain(line) for line in lines if not line.startswith(("```", "~~~")))), "")
    return _cut(first) if first else None


def tidy_title(written: str) -> str | None:
    """A title that a model wrote, on one line and without what models put round it; None where nothing is left."""
    title = _LABEL.sub("", _first_sentence(written)).strip(_QUOTES).strip(_EDGE)
    return _cut(title) if title else None


def _first_sentence(text: str) -> str:
    beginning = text[:4_000]
    if "```" in beginning or "~~~" in beginning:
        beginning = _FENCE.sub("\n", beginning)
    for line in beginning.splitlines():
        plain = _plain(line) if _has_word(line) else ""
        if _has_word(plain):
            return plain[: _sentence_end(plain)].strip(_EDGE)
    return ""


def _has_word(line: str) -> bool:
    return any(map(str.isalnum, line))


def _sentence_end(text: str) -> int:
    """The end of the first sentence: its sign, which is wide or before a space; a point may be that of an initial."""
    place = 1
    while place < len(text):
        end = place + 1
        while text[place] in _ENDS and end < len(text) and text[end] in _ENDS:
            end += 1
        is_followed_by_space = end == len(text) or text[end].isspace()
        if text[place] in _ENDS and is_followed_by_space:
            return end
        if text[place] in _WIDE_ENDS:
            return place + 1
        if text[place] == "." and is_followed_by_space and not _is_initial(text, place):
            return end
        place = end
    return len(text)


def _is_initial(text: str, point: int) -> bool:
    """Whether one letter alone stands before the point."""
    return _is_of_word(text[point - 1]) and (point == 1 or not _is_of_word(text[point - 2]))


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _plain(line: str) -> str:
    line = line if _is_unmarked(line) else _without_marks(line)
    if not line.isprintable():
        line = "".join(character if character.isprintable() or character in _JOINERS else " " for character in line)
    return " ".join(line.split())


def _is_unmarked(line: str) -> bool:
    """Whether none of the signs is in it that marks are made of, as in most questions."""
    return _MARKS.isdisjoint(line) and "://" not in line and not line.lstrip()[:1].isdigit()


def _without_marks(line: str) -> str:
    line = _LINE_MARK.sub("", line)
    line = _IMAGE_OR_LINK.sub(_first_group, line)
    line = _ADDRESS.sub(_first_group, line)
    return _without_emphasis(_TAG.sub("", line))


def _first_group(match: Match) -> str:
    return match[1]


def _without_emphasis(line: str) -> str:
    """Without marks that stand in pairs round words; those within a word and those alone stay."""
    opened: dict[str, Match] = {}
    paired: list[Match] = []
    for mark in _EMPHASIS.finditer(line):
        before, after = line[max(0, mark.start() - 1) : mark.start()], line[mark.end() : mark.end() + 1]
        opening = opened.get(mark.group())
        if opening is not None and before and not before.isspace() and not _is_of_word(after or " "):
            paired += [opening, mark]
            opened = {sign: outer for sign, outer in opened.items() if outer.start() < opening.start()}
        elif after and not after.isspace() and not _is_of_word(before or " "):
            opened.setdefault(mark.group(), mark)
    pieces, end = [], 0
    for mark in sorted(paired, key=lambda mark: mark.start()):
        pieces.append(line[end : mark.start()])
        end = mark.end()
    return "".join([*pieces, line[end:]])


def _cut(title: str) -> str:
    title = title[:1].upper() + title[1:] if title[:1].islower() and title[1:2].islower() else title
    if len(title) <= LONGEST:
        return title
    cut = title[: LONGEST - 1]
    space = cut.rfind(" ")
    kept = cut[:space] if space >= LONGEST // 2 else cut
    return kept.rstrip(_EDGE) + "\u2026"
