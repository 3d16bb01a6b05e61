"""E-mail addresses as account names: what counts as one, and its normal form."""

import unicodedata
from typing import Final

from coda.core.patterns import Pattern
from coda.identity.errors import InvalidEmail

MAX_LENGTH: Final = 254
# Coda sends no mail to sign somebody in, so `me@localhost` or `ana@nas.local` are as good as any.
_ADDRESS: Final = Pattern(r"[^\s@\"<>(),:;\\\[\]]{1,64}@[\pL\pN](?:[\w.-]{0,251}[\pL\pN])?")


def normalize_email(text: str) -> str:
    """The address trimmed and in composed form; raises InvalidEmail. Case is kept, but never compared."""
    address = unicodedata.normalize("NFC", text.strip())
    printable = all(character.isprintable() for character in address)
    if not printable or len(address) > MAX_LENGTH or ".." in address or not _ADDRESS.fullmatch(address):
        raise InvalidEmail
    return address
