"""What a JSON text of a client may hold. It is looked through as bytes, before anything is parsed.

Parsing and validating cost with the number of values, not with the length of the text, and what is too deep breaks
parsers: so both are bounded here, once for all routes and socket frames. What Postgres, UTF-8 or other programs'
numbers cannot hold is refused here too, and needs no care behind this door.
"""

import json
from dataclasses import dataclass
from typing import Final

import orjson

from coda.core.errors import CodaError, ErrorKind
from coda.core.text import storable_json

_ALL_BUT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_OPENING: Final = b"[{"
_NOT_JSON: Final = (b"N", b"I")  # NaN and Infinity, which Python's parser reads
_IN_NUMBERS: Final = b"-+.0123456789eE"
_NUMBERS_ONLY: Final = bytes(byte if byte in _IN_NUMBERS else ord(" ") for byte in range(256))
_LONGEST_SAFE: Final = 18
_LONGEST_NUMBER: Final = 400
_LEAST, _LARGEST = -(2**63), 2**64 - 1
_INFINITE: Final = float("inf")


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """Bounds of one JSON text. `values` counts the separators and brackets outside of strings."""

    values: int = 50_000
    depth: int = 100


DEFAULT_LIMITS: Final = JsonLimits()


class TooManyValues(CodaError):
    """A JSON text with more values than can be looked at in passing."""

    kind = ErrorKind.TOO_LARGE
    code = "core.too_many_values"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request holds more than {limit:,} values. Send less at once.", limit=limit)


class TooDeep(CodaError):
    """A JSON text whose arrays and objects are nested too deeply."""

    kind = ErrorKind.UNPROCESSABLE
    code = "core.too_deep"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request is nested deeper than {limit} levels. Make it flatter.", limit=limit)


class InvalidText(CodaError):
    """Text that no database and no other program can be given."""

    kind = ErrorKind.UNPROCESSABLE
    code = "core.invalid_text"

    def __init__(self) -> None:
        super().__init__(
            "The request holds text that cannot be stored: a NUL character, half of a character (a lone surrogate), or "
            "bytes that are not UTF-8. Remove it and send the request again."
        )


class InvalidNumber(CodaError):
    """A number that other programs read as another one, or not at all."""

    kind = ErrorKind.UNPROCESSABLE
    code = "core.invalid_number"

    def __init__(self) -> None:
        super().__init__("The request holds a number that is not finite, or a whole number of more than 64 bits.")


def check_json(body: bytes, limits: JsonLimits = DEFAULT_LIMITS) -> None:
    """Raises TooManyValues, TooDeep, InvalidText or InvalidNumber; whether it is JSON at all, the parser will tell."""
    check_values(body, check_shape(body, limits))


def check_shape(body: bytes, limits: JsonLimits = DEFAULT_LIMITS) -> bytes:
    """How much there is to parse, and how deep; gives what stands outside of strings. Raises TooManyValues, TooDeep."""
    plain = body.replace(b"\\\\", b"__").replace(b'\\"', b"__") if b"\\" in body else body
    # Each string costs an object, so they are counted before they are cut out: keys and values, both quotes.
    if plain.count(b'"') > 4 * limits.values:
        raise TooManyValues(limits.values)
    structure = b"".join(plain.split(b'"')[::2])
    brackets = structure.translate(None, _ALL_BUT_BRACKETS)
    opening = brackets.count(b"[") + brackets.count(b"{")
    if structure.count(b",") + opening > limits.values:
        raise TooManyValues(limits.values)
    if opening > limits.depth and _depth(brackets) > limits.depth:
        raise TooDeep(limits.depth)
    return structure


def check_values(body: bytes, structure: bytes) -> None:
    """Texts and numbers that nothing behind this could hold; raises InvalidText or InvalidNumber."""
    if any(letter in structure for letter in _NOT_JSON):
        raise InvalidNumber
    for token in structure.translate(_NUMBERS_ONLY).split():
        _check_number(token)
    _check_text(body)


def _check_text(body: bytes) -> None:
    # A raw NUL is no JSON; what holds one is UTF-16 or UTF-32, which the parser would guess and read otherwise.
    if b"\0" in body or (b"\\u0000" in body and b"\\u0000" in body.replace(b"\\\\", b"__")):
        raise InvalidText
    try:
        body.decode()
    except UnicodeDecodeError:
        raise InvalidText from None
    if b"\\u" in body and _has_half_characters(body):
        raise InvalidText


def _has_half_characters(body: bytes) -> bool:
    """Whether there is half of a character in it: orjson refuses them, Python's own parser does not."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return _is_refused_for_its_texts(body)
    return False


def _is_refused_for_its_texts(body: bytes) -> bool:
    try:
        value = json.loads(body)
    except ValueError:
        return False
    return bool(storable_json(value) != value)


def _check_number(token: bytes) -> None:
    is_decimal = any(mark in token for mark in b".eE")
    if len(token) <= _LONGEST_SAFE and not (b"e" in token or b"E" in token):
        return
    if len(token) > _LONGEST_NUMBER:
        raise InvalidNumber
    try:
        number = float(token) if is_decimal else int(token)
    except ValueError:
        return  # no number; the parser will tell
    if abs(number) == _INFINITE or (not is_decimal and not _LEAST <= number <= _LARGEST):
        raise InvalidNumber


def _depth(brackets: bytes) -> int:
    deepest = depth = 0
    for bracket in brackets:
        depth += 1 if bracket in _OPENING else -1
        deepest = max(deepest, depth)
    return deepest
