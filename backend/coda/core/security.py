"""Tokens and secrets: signed access tokens, hashes of opaque tokens, sealed provider keys.

Every key is derived from the instance's secret for one purpose only, so that one key says nothing about another.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jose import jwk, jwt
from jose.exceptions import JWTError
from pydantic import SecretStr

from coda.core.clock import now
from coda.core.errors import CodaError, ErrorKind
from coda.core.text import whole

MIN_SECRET_LENGTH: Final = 32
_KEY_BYTES: Final = 32
_ALGORITHM: Final = "HS256"
_ISSUER: Final = "coda"
_AUDIENCE: Final = "coda-api"
_ACCESS: Final = "access"
_NONCE_BYTES: Final = 12
_SEAL_VERSION: Final = b"\x01"


class WeakSecretKey(CodaError):
    """The instance's secret is missing or short."""

    kind = ErrorKind.INVALID
    code = "core.weak_secret_key"

    def __init__(self) -> None:
        super().__init__(f"CODA_SECRET_KEY must be set and have at least {MIN_SECRET_LENGTH} characters.")


class InvalidToken(CodaError):
    """A token that was not signed by us for this use, or whose time is over."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "core.invalid_token"

    def __init__(self) -> None:
        super().__init__("The access token is not valid or has expired; sign in again.")


class SecretUnreadable(CodaError):
    """A sealed secret that this instance's key does not open."""

    kind = ErrorKind.CONFLICT
    code = "core.secret_unreadable"

    def __init__(self) -> None:
        super().__init__("A stored secret cannot be read with this CODA_SECRET_KEY; enter it again.")


def derive_key(secret_key: SecretStr | None, purpose: str) -> bytes:
    """A 256-bit key for one purpose (HKDF-SHA256); raises WeakSecretKey."""
    secret = "" if secret_key is None else secret_key.get_secret_value()
    if len(secret) < MIN_SECRET_LENGTH:
        raise WeakSecretKey
    return HKDF(SHA256(), _KEY_BYTES, salt=b"coda", info=purpose.encode()).derive(secret.encode())


def new_opaque_token(prefix: str = "") -> str:
    """A random token of 256 bits; only its hash is ever stored."""
    return prefix + secrets.token_urlsafe(32)


def hash_opaque_token(token: str) -> bytes:
    """The SHA-256 of a random token; with 256 random bits it needs neither salt nor stretching."""
    return hashlib.sha256(whole(token).encode()).digest()


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says: who, in which organization, by which login."""

    user_id: UUID
    org_id: UUID
    login_id: UUID


class AccessTokens:
    """Signs and reads access tokens: HS256 and nothing else."""

    def __init__(self, secret_key: SecretStr | None, *, lifetime: timedelta) -> None:
        # A key object, not bytes: given bytes, jose would first try to read them as JSON.
        self._key = jwk.construct(derive_key(secret_key, "access token"), _ALGORITHM)
        self.lifetime = lifetime

    def issue(self, claims: AccessClaims) -> str:
        """A signed token that lives for `lifetime`."""
        moment = now()
        body = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "typ": _ACCESS,
            "iat": int(moment.timestamp()),
            "exp": int((moment + self.lifetime).timestamp()),
            "sub": str(claims.user_id),
            "org": str(claims.org_id),
            "login": str(claims.login_id),
        }
        token: str = jwt.encode(body, self._key, algorithm=_ALGORITHM)
        return token

    def read(self, token: str) -> AccessClaims:
        """The claims of a token of ours; raises InvalidToken."""
        body = self._verify(token)
        try:
            return AccessClaims(UUID(body["sub"]), UUID(body["org"]), UUID(body["login"]))
        except (KeyError, ValueError, TypeError, AttributeError):
            raise InvalidToken from None

    def _verify(self, token: str) -> dict[str, Any]:
        required = {f"require_{claim}": True for claim in ("exp", "iat", "iss", "aud", "sub")}
        try:
            body: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], audience=_AUDIENCE, issuer=_ISSUER, options=required
            )
        except (JWTError, ValueError, TypeError, AttributeError):
            raise InvalidToken from None
        if body.get("typ") != _ACCESS:
            raise InvalidToken
        return body


class Seal:
    """Encrypts secrets for the database (AES-256-GCM), each bound to the row that it belongs to."""

    def __init__(self, secret_key: SecretStr | None) -> None:
        self._cipher = AESGCM(derive_key(secret_key, "sealed secrets"))

    def close(self, secret: str, *, bound_to: str) -> bytes:
        """The sealed form of a secret; it opens only with the same `bound_to`."""
        nonce = os.urandom(_NONCE_BYTES)
        return _SEAL_VERSION + nonce + self._cipher.encrypt(nonce, secret.encode(), bound_to.encode())

    def open(self, sealed: bytes, *, bound_to: str) -> SecretStr:
        """The secret; raises SecretUnreadable when key, row or bytes are not the ones it was sealed with."""
        version, nonce, body = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if version != _SEAL_VERSION or len(nonce) != _NONCE_BYTES:
            raise SecretUnreadable
        try:
            return SecretStr(self._cipher.decrypt(nonce, body, bound_to.encode()).decode())
        except (InvalidTag, ValueError):
            raise SecretUnreadable from None
