"""Text that can be stored, and names that can be shown."""

import pytest
from pydantic import TypeAdapter

from coda.core.names import OneLine, one_line
from coda.core.text import storable, storable_json


@pytest.mark.parametrize(
    ("text", "stored"),
    [("plain", "plain"), ("a\0b", "ab"), ("\ud800!", "\ufffd!"), ("\U0001f600 ação", "\U0001f600 ação")],
)
def test_what_cannot_be_stored_is_left_out(text: str, stored: str) -> None:
    assert storable(text) == stored


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
