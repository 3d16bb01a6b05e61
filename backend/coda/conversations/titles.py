"""A chat's title: from its first exchange in its own words, or as a model wrote it, made fit to be shown."""

import re

LONGEST = 60
_FENCE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
_IMAGE_OR_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"https?://(?:www\.)?([^\s/)>\]]+)\S*")
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?|\d{1,3}[.)]\s+|\|)+")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_SENTENCE = re.compile(r".+?(?:[!?\u2026\u3002\uff01\uff1f]+(?=\s|$)|(?<=[\u3002\uff01\uff1f])|(?<!\b\w)\.(?=\s|$)|$)")
_JOINERS = "\u200c\u200d"  # Persian words and many emoji need them
_LABEL = re.compile(r"^title\s*(?::|$)\s*", re.IGNORECASE)
_QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb\u201e "
_EDGE = " \t.,;:-\u2013\u2014|"


def title_from(question: str, answer: str) -> str:
    """The first sentence of the question, cut at a word near 60 characters; of the answer where nothing was asked.

    Never empty.
    """
    for text in (question, answer):
        title = _first_sentence(text)
        if title:
            return _cut(title)
    return "New chat"


def tidy_title(written: str) -> str | None:
    """A title that a model wrote, on one line and without what models put round it; None where nothing is left."""
    title = _LABEL.sub("", _first_sentence(written)).strip(_QUOTES).strip(_EDGE)
    return _cut(title) if title else None


def _first_sentence(text: str) -> str:
    for line in _FENCE.sub("\n", text[:4_000]).splitlines():
        plain = _plain(line)
        if any(character.isalnum() for character in plain):
            match = _SENTENCE.match(plain)
            return (match.group() if match else plain).strip(_EDGE)
    return ""


def _plain(line: str) -> str:
    line = _LINE_MARK.sub("", line)
    line = _IMAGE_OR_LINK.sub(r"\1", line)
    line = _ADDRESS.sub(r"\1", line)
    line = _TAG.sub("", line)
    line = _EMPHASIS.sub(r"\2", line)
    line = "".join(character if character.isprintable() or character in _JOINERS else " " for character in line)
    return " ".join(line.split())


def _cut(title: str) -> str:
    title = title[:1].upper() + title[1:] if title[:1].islower() and title[1:2].islower() else title
    if len(title) <= LONGEST:
        return title
    cut = title[: LONGEST - 1]
    space = cut.rfind(" ")
    kept = cut[:space] if space >= LONGEST // 2 else cut
    return kept.rstrip(_EDGE) + "\u2026"
