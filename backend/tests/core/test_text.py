"""Text that can be stored, and names that can be shown."""

import time
from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

import coda
from coda.core.names import OneLine, one_line
from coda.core.text import (
    WholeText,
    encodable,
    is_storable,
    is_storable_json,
    is_whole,
    storable,
    storable_json,
    whole,
)

SMILE, FIRST, SECOND = "\U0001f600", "\ud83d", "\ude00"
ELSEWHERE = ("surrogatepass", "surrogateescape", "ud800", "udfff", "UnicodeEncodeError")


@pytest.mark.parametrize(
    ("text", "stored"),
    [("plain", "plain"), ("a\0b", "ab"), ("\ud800!", "\ufffd!"), ("\U0001f600 ação", "\U0001f600 ação")],
)
def test_what_cannot_be_stored_is_left_out(text: str, stored: str) -> None:
    assert storable(text) == stored


@pytest.mark.parametrize(
    ("text", "mended", "counted"),
    [
        ("plain", "plain", "plain"),
        (f"a{FIRST}", "a\ufffd", "a?"),
        (f"{SECOND}b", "\ufffdb", "?b"),
        (f"{FIRST}{SECOND}!", f"{SMILE}!", "??!"),
        (f"{SMILE} ação", f"{SMILE} ação", f"{SMILE} ação"),
    ],
)
def test_halves_are_joined_or_replaced(text: str, mended: str, counted: str) -> None:
    assert (whole(text), encodable(text)) == (mended, counted)
    assert is_whole(text) == is_storable(text) == (text == mended)
    assert is_storable_json({"a": [text]}) == is_storable_json({text: 1}) == (text == mended)


def test_a_character_may_be_cut_between_two_pieces() -> None:
    text = WholeText()

    pieces = [text.piece(piece) for piece in (f"a{FIRST}", f"{SECOND}b", FIRST, "c", f"d{FIRST}")]

    assert [*pieces, text.end(), text.end()] == ["a", f"{SMILE}b", "", "\ufffdc", "d", "\ufffd", ""]


def test_nothing_else_says_what_becomes_of_halves() -> None:
    """Two ways would come to two results, one of which is stored and the other one sent."""
    folder = Path(coda.__file__).parent
    modules = [path for path in folder.rglob("*.py") if path != folder / "core" / "text.py"]

    found = [path.name for path in modules if any(word in path.read_text() for word in ELSEWHERE)]

    assert found == []


def test_json_is_cleaned_in_keys_and_values() -> None:
    assert storable_json({"a\0": ["\ud800", {"b": "\0"}], "n": 1.5}) == {"a": ["\ufffd", {"b": ""}], "n": 1.5}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  Ana \t Souza ", "Ana Souza"),
        ("Ana\r\nBcc: eve", "Ana Bcc: eve"),
        ("Ana\x1b[31m", "Ana [31m"),
        ("ad\u202emin\u202c\u2066\u2069", "admin"),
        ("a\u200bb\ufeff\u00ad", "ab"),
        ("line\u2028and\u2029paragraph\x85", "line and paragraph"),
        ("\u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f680", "\u0645\u06cc\u200c\u062e \U0001f469\u200d\U0001f680"),
        ("joa\u0303o", "jo\u00e3o"),
        ("\u202e\u200b", ""),
    ],
)
def test_names_stand_on_one_line_and_hide_nothing(written: str, shown: str) -> None:
    assert one_line(written) == shown
    assert TypeAdapter(OneLine).validate_python(written) == shown


@pytest.mark.parametrize("letter", ["x", "\u0301", "\u202e", "\n"])
def test_a_name_of_megabytes_is_refused_unread(letter: str) -> None:
    names, text = TypeAdapter(OneLine), letter * 6_000_000
    begun = time.thread_time()
    with pytest.raises(ValidationError) as refused:
        names.validate_python(text)
    spent = time.thread_time() - begun

    assert refused.value.errors()[0]["type"] == "string_too_long"
    assert spent < 0.05
