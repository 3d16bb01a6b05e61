"""The JSON object that a model meant, where it wrote one nearly: in a fence, as a text, with lines in strings."""

import json
import math
from typing import Any, Final, NoReturn

import orjson

from coda.core.text import storable_json

_MOST_MENDED: Final = 30_000
"""Characters; beyond it reading twice would hold up everybody else."""
_FENCE: Final = "```"
_LANGUAGE: Final = "json"


def object_text(text: str) -> str:
    """The text of a JSON object: the given one where it is one or means none, else with nothing but its form mended.

    Mended is only what can be read in one way: a fence around it, an object within a JSON string, control characters
    and halves of characters in strings, a comma before a closing bracket.
    """
    if len(text) > _MOST_MENDED or _is_object(text):
        return text
    try:
        value = _read(_unfenced(text.strip()))
        value = _read(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return text
    return json.dumps(storable_json(value), ensure_ascii=False) if isinstance(value, dict) else text


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except ValueError:
        return False


def _unfenced(text: str) -> str:
    if not (text.startswith(_FENCE) and text.endswith(_FENCE)):
        return text
    inside = text.removeprefix(_FENCE).removesuffix(_FENCE)
    return inside[len(_LANGUAGE) :] if inside[: len(_LANGUAGE)].lower() == _LANGUAGE else inside


def _read(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return _loads(text)
    except ValueError:
        return _loads(_without_spare_commas(text))


def _loads(text: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(text, strict=False, parse_constant=_refuse, parse_float=_finite)


def _without_spare_commas(text: str) -> str:
    """The text without commas before a closing bracket, but in strings."""
    kept: list[str] = []
    in_string = is_escaped = False
    for character in text:
        if in_string:
            in_string = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            in_string = True
        elif character in "}]":
            _drop_comma(kept)
        kept.append(character)
    return "".join(kept)


def _drop_comma(kept: list[str]) -> None:
    at = len(kept) - 1
    while at >= 0 and kept[at].isspace():
        at -= 1
    if at >= 0 and kept[at] == ",":
        del kept[at:]


def _finite(number: str) -> float:
    value = float(number)
    return value if math.isfinite(value) else _refuse(number)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
