"""E-mail addresses that a reader takes for others: letters of other scripts with the shape of Latin ones.

The pairs are the ones of Unicode's confusables (UTS #39) between Cyrillic, Greek, Armenian and small Latin letters.
"""

# ruff: noqa: RUF001 - letters that look like others are what this is about

import unicodedata
from typing import Final

_SHAPES: Final = str.maketrans(
    {
        "а": "a", "с": "c", "ԁ": "d", "е": "e", "һ": "h", "і": "i", "ј": "j", "к": "k", "ӏ": "l", "м": "m", "о": "o",
        "р": "p", "ԛ": "q", "ѕ": "s", "т": "t", "ѵ": "v", "ԝ": "w", "х": "x", "у": "y", "г": "r", "п": "n", "в": "b",
        "н": "h", "ё": "e", "ї": "i", "α": "a", "ε": "e", "η": "n", "ι": "i", "κ": "k", "ν": "v", "ο": "o", "ρ": "p",
        "τ": "t", "υ": "u", "χ": "x", "γ": "y", "ω": "w", "օ": "o", "ս": "u", "ո": "n", "հ": "h", "զ": "q", "ց": "g",
        "ı": "i", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʟ": "l", "ᴏ": "o", "ꜱ": "s",
    }
)  # fmt: skip


def looks_like(address: str) -> str | None:
    """The plain Latin address that this one may be taken for; None where there is none, or it is one itself."""
    if address.isascii():
        return None
    shape = unicodedata.normalize("NFKC", address).casefold().translate(_SHAPES)
    return shape if shape.isascii() else None


def ascii_domain(address: str) -> str | None:
    """The domain as mail servers and browsers write it (`xn--...`); None where it is plain already."""
    domain = address.rpartition("@")[2]
    if domain.isascii():
        return None
    return ".".join(map(_ascii_label, domain.casefold().split(".")))


def _ascii_label(label: str) -> str:
    return label if label.isascii() else f"xn--{label.encode('punycode').decode()}"
