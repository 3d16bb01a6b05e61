"""What a JSON text may hold is told from its bytes, before it is parsed."""

import json
from contextlib import suppress
from time import thread_time

import pytest

from coda.core.errors import CodaError
from coda.core.json_limits import (
    InvalidNumber,
    InvalidText,
    JsonLimits,
    TooDeep,
    TooManyValues,
    check_json,
    check_shape,
    check_values,
)

FEW = JsonLimits(values=10, depth=3)
LONGEST_MS = 100  # twice what it takes on a small machine that does other things too


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"",
        b"null",
        b'{"text": "[[[[[[[[[[,,,,,,,,,,,,"}',
        b'{"text": "a \\" [[[[[[[[[[[[[ \\\\"}',
        b'[1,2,3,4,5,"a","b","c","d"]',
        b"[[[1]]]",
        b'"\\ud83d\\ude00 \\u00e9 \\\\ud800 \\\\u0000"',
        '"\U0001f600 ação"'.encode(),
        b"[1.7976931348623157e308, -0.12345678901234567890, 18446744073709551615, -9223372036854775808, 1E5, 1e-400]",
    ],
)
def test_what_is_within_bounds_passes(text: bytes) -> None:
    check_json(text, FEW)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"[1,2,3,4,5,6,7,8,9,10,11]", TooManyValues),
        (b"[[],[],[],[],[],[]]", TooManyValues),
        (b"[" + b'"",' * 30 + b'""]', TooManyValues),
        (b"[[[[]]]]", TooDeep),
        (b'{"a":{"b":{"c":{}}}}', TooDeep),
        (b"[[[[", TooDeep),
        (b'"a\\u0000b"', InvalidText),
        (b'"\\ud800"', InvalidText),
        (b'"\\udc00\\ud800"', InvalidText),
        (b'"\\uD83D\\\\\\ude00"', InvalidText),
        (b'"\\ud83d\\ude00\\ude00"', InvalidText),
        (b'"\xed\xa0\x80"', InvalidText),
        (b"\xff\xfe{\x00}\x00", InvalidText),
        ("{}".encode("utf-16-le"), InvalidText),
        (b'{"seed": 1000000000000000000000000000000}', InvalidNumber),
        (b'{"seed": 18446744073709551616}', InvalidNumber),
        (b'{"seed": -9223372036854775809}', InvalidNumber),
        (b'{"t": 1e999}', InvalidNumber),
        (b'{"t": -1E+400}', InvalidNumber),
        (b'{"t": NaN}', InvalidNumber),
        (b'{"t": -Infinity}', InvalidNumber),
        (b"9" * 5_000, InvalidNumber),
    ],
)
def test_what_is_not_is_refused(text: bytes, error: type[CodaError]) -> None:
    with pytest.raises(error):
        check_json(text, FEW)


def test_what_passes_can_be_stored_and_sent_on() -> None:
    for text in (b'"\\ud83d\\ude00"', b'{"\\u00e9": [1e308, 12345678901234567890]}'):
        check_values(text, check_shape(text))
        json.dumps(json.loads(text), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 8_000_000,
        b"[" + b"[]," * 2_700_000 + b"1]",
        b"[" + b'"",' * 2_700_000 + b"1]",
        b'{"a":"' + b'\\"' * 4_000_000 + b'"}',
        b'{"a":"' + b"\\\\" * 4_000_000 + b'"}',
        b'{"a":"' + b"\\u00e9" * 1_300_000 + b'"}',
        b"[" + b"1" * 8_000_000 + b"]",
        b"[" + b"e1E" * 2_600_000 + b"]",
        b'{"a":"' + b"prose, and more of it. " * 340_000 + b'"}',
    ],
    ids=lambda text: text[:9].decode(),
)
def test_the_largest_body_is_looked_through_in_a_moment(text: bytes) -> None:
    fastest = min(_milliseconds(text) for _ in range(3))

    assert fastest < LONGEST_MS


def _milliseconds(text: bytes) -> float:
    began = thread_time()
    with suppress(CodaError):
        check_json(text)
    return (thread_time() - began) * 1000
