"""Devices on which somebody has signed in before: wrong tries of others must not lock them out.

A signed cookie, as OWASP describes it ("device cookies"). It opens nothing: it only has its tries counted apart.
"""

import base64
import hmac
import secrets
from hashlib import sha256
from typing import Final
from uuid import UUID

from pydantic import SecretStr

from coda.core.security import derive_key

_NONCE_BYTES: Final = 12
_LONGEST: Final = 200


class DeviceCookies:
    """Signs and reads the cookies of devices; nothing is stored."""

    def __init__(self, secret_key: SecretStr | None) -> None:
        self._key = derive_key(secret_key, "device cookies")

    def issue(self, user_id: UUID) -> str:
        """The cookie of a device on which this person has just signed in."""
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        return f"{nonce}.{self._signature(nonce, user_id)}"

    def read(self, cookie: str | None, user_id: UUID) -> str | None:
        """The name of the device, where this person has signed in on it; else None."""
        if not cookie or len(cookie) > _LONGEST or not cookie.isascii():
            return None
        nonce, _, signature = cookie.partition(".")
        return nonce if hmac.compare_digest(signature, self._signature(nonce, user_id)) else None

    def _signature(self, nonce: str, user_id: UUID) -> str:
        digest = hmac.digest(self._key, f"{nonce}.{user_id}".encode(), sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")
