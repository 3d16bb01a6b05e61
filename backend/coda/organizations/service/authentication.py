"""From a token to the caller."""

from typing import Final

from coda.access.errors import NotSignedIn
from coda.access.principal import Principal
from coda.core.security import AccessTokens, hash_opaque_token
from coda.identity.errors import LoginOver
from coda.identity.service import TicketService
from coda.organizations.errors import InvalidApiKey
from coda.organizations.service.standing import Standing

API_KEY_PREFIX: Final = "sk-coda-"


class Authentication:
    """Reads access tokens, API keys and tickets; each kind only where it belongs."""

    def __init__(self, standing: Standing, tickets: TicketService, tokens: AccessTokens) -> None:
        self._standing = standing
        self._tickets = tickets
        self._tokens = tokens

    async def by_bearer(self, token: str | None) -> Principal:
        """The caller of an access token or API key; raises NotSignedIn, InvalidToken, InvalidApiKey, LoginOver."""
        if not token:
            raise NotSignedIn
        if token.startswith(API_KEY_PREFIX):
            return await self._by_api_key(token)
        claims = self._tokens.read(token)
        principal = await self._standing.find(
            user_id=claims.user_id, org_id=claims.org_id, login_id=claims.login_id, api_key_id=None
        )
        if principal is None:
            raise LoginOver
        return principal

    async def by_ticket(self, ticket: str) -> Principal:
        """The caller that a WebSocket ticket was made for; it is used up. Raises LoginOver."""
        holder = await self._tickets.take(ticket)
        principal = await self._standing.find(
            user_id=holder.user_id, org_id=holder.org_id, login_id=holder.login_id, api_key_id=holder.api_key_id
        )
        if principal is None:
            raise LoginOver
        return principal

    async def _by_api_key(self, key: str) -> Principal:
        principal = await self._standing.find_by_key_hash(hash_opaque_token(key))
        if principal is None:
            raise InvalidApiKey
        return principal
