"""A person's API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from coda.core.clock import now
from coda.core.pagination import Cursor, Page, page_of
from coda.core.security import hash_opaque_token, new_opaque_token
from coda.identity.errors import ApiKeyNotFound, ExpiryInPast
from coda.identity.models import ApiKey
from coda.identity.repository import ApiKeyRepository

API_KEY_PREFIX: Final = "sk-coda-"
_SHOWN: Final = len(API_KEY_PREFIX) + 4


class ApiKeyService:
    """Makes, lists and revokes people's keys into one organization."""

    def __init__(self, keys: ApiKeyRepository) -> None:
        self._keys = keys

    async def create(
        self, user_id: UUID, *, name: str, scopes: Sequence[str], expires_at: datetime | None
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which is told only now; raises ExpiryInPast."""
        if expires_at is not None and expires_at <= now():
            raise ExpiryInPast
        secret = new_opaque_token(API_KEY_PREFIX)
        key = await self._keys.insert(
            user_id=user_id,
            name=name,
            prefix=secret[:_SHOWN],
            scopes=scopes,
            token_hash=hash_opaque_token(secret),
            expires_at=expires_at,
        )
        return key, secret

    async def list_live(self, user_id: UUID, *, cursor: str | None, limit: int) -> Page[ApiKey]:
        """A person's keys that were not revoked, newest first."""
        rows = await self._keys.list_live(user_id, cursor=Cursor.decode(cursor), limit=limit)
        return page_of(rows, limit=limit, key=lambda key: Cursor(key.created_at, key.id))

    async def count_live(self, user_id: UUID) -> int:
        """How many keys of a person are still good."""
        return await self._keys.count_live(user_id)

    async def revoke(self, user_id: UUID, key_id: UUID) -> None:
        """Make a key useless at once; raises ApiKeyNotFound."""
        if not await self._keys.revoke(user_id, only=key_id):
            raise ApiKeyNotFound(key_id)

    async def revoke_all(self, user_id: UUID) -> None:
        """Make all of a person's keys useless at once."""
        await self._keys.revoke(user_id)
