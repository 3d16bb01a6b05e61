"""Content as a list of parts: text, thoughts and refusals, in the forms of several servers."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_TEXTS: Final = ("text", "thinking", "reasoning", "content", "summary", "refusal", "output_text")


class ContentPart(NamedTuple):
    """A piece of text, or of a chain of thought."""

    text: str
    is_thought: bool


def read_parts(content: Any) -> Iterator[ContentPart]:  # noqa: ANN401 - whatever JSON the provider sent
    """The parts that say something; a text alone is one."""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, str):
            yield ContentPart(part, is_thought=False)
        elif isinstance(part, dict):
            kind = part.get("type")
            is_thought = isinstance(kind, str) and ("think" in kind or "reason" in kind)
            yield ContentPart(_text_of(part), is_thought=is_thought)


def text_in(content: Any) -> str:  # noqa: ANN401 - whatever JSON the provider sent
    """All text of a content."""
    return content if isinstance(content, str) else "".join(part.text for part in read_parts(content))


def _text_of(part: dict[str, Any]) -> str:
    """The first field that holds text, or parts with text."""
    for key in _TEXTS:
        value = part.get(key)
        if isinstance(value, str):
            return value
        if isinstance(value, list):
            return text_in(value)
    return ""
