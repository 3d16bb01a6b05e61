"""Addresses that open one file for a few minutes: a browser sends no token with an image."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, get_args
from urllib.parse import urlencode
from uuid import UUID

from pydantic import SecretStr

from coda.core.clock import now
from coda.core.scope import Person, Scope
from coda.core.security import derive_key
from coda.files.errors import LinkInvalid
from coda.files.types import Variant

STEP: Final = timedelta(minutes=5)
"""Addresses are good for one to two of these, and the same until the next begins, so that browsers can keep what they
have."""
_IDS: Final = 32


@dataclass(frozen=True, slots=True)
class SignedQuery:
    """What an address says beside the file's id; without a signature it is none of ours."""

    variant: Variant
    reader: str
    expires: int
    signature: str | None


class FileLinks:
    """Signs addresses and reads them."""

    def __init__(self, secret_key: SecretStr | None) -> None:
        self._key = derive_key(secret_key, "addresses of files")

    def sign(self, scope: Scope, file_id: UUID, variant: Variant) -> str:
        """The address, as a path of this server. It opens what its reader may read then."""
        if scope.user_id is None:
            raise LinkInvalid
        reader = _text(scope.org_id.bytes + scope.user_id.bytes)
        expires = expiry()
        query = {"variant": variant, "reader": reader, "expires": expires}
        signature = self._signature(file_id, variant, reader, expires)
        return f"/api/v1/files/{file_id}/content?{urlencode(query | {'signature': signature})}"

    def read(self, file_id: UUID, query: SignedQuery) -> Scope:
        """Who reads by it; raises LinkInvalid."""
        expected = self._signature(file_id, query.variant, query.reader, query.expires)
        is_ours = hmac.compare_digest(expected.encode(), (query.signature or "").encode("utf-8", "replace"))
        if not is_ours or query.variant not in get_args(Variant) or query.expires <= now().timestamp():
            raise LinkInvalid
        ids = base64.urlsafe_b64decode(query.reader + "=")
        return Scope(UUID(bytes=ids[: _IDS // 2]), Person(UUID(bytes=ids[_IDS // 2 :])))

    def _signature(self, file_id: UUID, variant: str, reader: str, expires: int) -> str:
        said = f"{file_id}|{variant}|{reader}|{expires}".encode("utf-8", "replace")
        return _text(hmac.new(self._key, said, hashlib.sha256).digest())


def expiry() -> int:
    """When addresses that are signed now end, in seconds since 1970."""
    step = int(STEP.total_seconds())
    return (int(now().timestamp()) // step + 2) * step


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
