"""E-mail addresses as account names: what counts as one, and its normal form."""

import unicodedata
from typing import Final

from coda.core.patterns import Pattern
from coda.identity.errors import InvalidEmail

MAX_LENGTH: Final = 254
# Coda sends no mail to sign somebody in, so `me@localhost` or `ana@nas.local` are as good as any.
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 253
_ADDRESS: Final = Pattern(r"[^\s@\"<>(),:;\\\[\]]+@[\pL\pN](?:[\w.-]*[\pL\pN])?")


def normalize_email(text: str) -> str:
    """The address trimmed and in composed form; raises InvalidEmail. Case is kept, but never compared."""
    address = unicodedata.normalize("NFC", text.strip())
    local, _, domain = address.partition("@")
    fits = len(address) <= MAX_LENGTH and len(local) <= _LONGEST_LOCAL and len(domain) <= _LONGEST_DOMAIN
    printable = all(character.isprintable() for character in address)
    if not fits or not printable or ".." in address or not _ADDRESS.fullmatch(address):
        raise InvalidEmail
    return address
