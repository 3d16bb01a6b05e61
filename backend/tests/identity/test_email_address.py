"""What counts as an e-mail address."""

import pytest

from coda.identity.email_address import normalize_email
from coda.identity.errors import InvalidEmail


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ana@example.org", "ana@example.org"),
        ("  Ana.Souza+coda@Example.ORG ", "Ana.Souza+coda@Example.ORG"),
        ("me@localhost", "me@localhost"),
        ("ana@nas.local", "ana@nas.local"),
        ("joa\u0303o@exemplo.com.br", "jo\u00e3o@exemplo.com.br"),
        ("x@b\u00fccher.example", "x@b\u00fccher.example"),
    ],
)
def test_accepts(text: str, address: str) -> None:
    assert normalize_email(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@@example.org",
        "a b@example.org",
        "ana@exa mple.org",
        "ana@example..org",
        "ana@.org",
        "ana@example.org.",
        "ana@-example.org",
        "ana@[127.0.0.1]",
        '"ana"@example.org',
        "<ana@example.org>",
        "ana@example.org,eve@example.org",
        "ana\x00@example.org",
        "ana\u202e@example.org",
        "x" * 65 + "@example.org",
        "ana@" + "x" * 251,
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(InvalidEmail):
        normalize_email(text)
