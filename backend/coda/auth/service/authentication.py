"""From a token to the caller, and whether callers may still be here.

Rights are never cached: whoever was suspended, demoted or signed out a moment ago is so in the next request.
"""

from typing import Final
from uuid import UUID

from coda.access.errors import NotSignedIn
from coda.access.principal import Principal
from coda.auth.errors import InvalidApiKey
from coda.auth.repository import PrincipalRepository
from coda.core.security import AccessTokens, hash_opaque_token
from coda.identity.errors import LoginOver
from coda.identity.service import TicketService
from coda.identity.service.api_keys import API_KEY_PREFIX

_DOTS_OF_A_TOKEN: Final = 2


class Authentication:
    """Reads access tokens, API keys and tickets, each kind only where it belongs, within one transaction."""

    def __init__(self, principals: PrincipalRepository, tickets: TicketService, tokens: AccessTokens) -> None:
        self._principals = principals
        self._tickets = tickets
        self._tokens = tokens

    async def by_bearer(self, token: str | None) -> Principal:
        """The caller of an access token or API key; raises NotSignedIn, InvalidToken, InvalidApiKey, LoginOver."""
        if not token:
            raise NotSignedIn
        if token.startswith(API_KEY_PREFIX):
            return await self._by_api_key(token)
        if token.count(".") != _DOTS_OF_A_TOKEN:
            raise InvalidApiKey  # a key of somebody else's: who sends one has no login that could be over
        claims = self._tokens.read(token)
        principal = await self._find(
            user_id=claims.user_id, org_id=claims.org_id, login_id=claims.login_id, api_key_id=None
        )
        if principal is None:
            raise LoginOver
        return principal

    async def by_ticket(self, ticket: str) -> Principal:
        """The caller that a WebSocket ticket was made for; it is used up. Raises LoginOver."""
        holder = await self._tickets.take(ticket)
        principal = await self._find(
            user_id=holder.user_id, org_id=holder.org_id, login_id=holder.login_id, api_key_id=holder.api_key_id
        )
        if principal is None:
            raise LoginOver
        return principal

    async def reread(self, principal: Principal) -> Principal | None:
        """The same caller with the rights of now; None when they may no longer come in."""
        return await self._find(
            user_id=principal.user_id,
            org_id=principal.org_id,
            login_id=principal.login_id,
            api_key_id=principal.api_key_id,
        )

    async def _by_api_key(self, key: str) -> Principal:
        principal = await self._principals.find_by_key_hash(hash_opaque_token(key))
        if principal is None:
            raise InvalidApiKey
        return principal

    async def _find(
        self, *, user_id: UUID, org_id: UUID, login_id: UUID | None, api_key_id: UUID | None
    ) -> Principal | None:
        if login_id is not None:
            return await self._principals.find_by_login(user_id=user_id, org_id=org_id, login_id=login_id)
        if api_key_id is not None:
            return await self._principals.find_by_key(org_id=org_id, key_id=api_key_id)
        return None
