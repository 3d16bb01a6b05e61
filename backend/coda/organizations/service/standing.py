"""Whether a caller still stands, and with which rights.

Rights are never cached: whoever was suspended, demoted or signed out a moment ago is so in the next request.
"""

from collections.abc import Sequence
from uuid import UUID

from coda.access.principal import Principal
from coda.identity.errors import LoginOver
from coda.organizations.repository import StandingRepository


class Standing:
    """Reads callers' rights and binds the transaction to the organization that they work in."""

    def __init__(self, standings: StandingRepository) -> None:
        self._standings = standings

    async def find(
        self, *, user_id: UUID, org_id: UUID, login_id: UUID | None, api_key_id: UUID | None
    ) -> Principal | None:
        """The caller behind a login or API key; None when they may no longer come in."""
        if login_id is not None:
            return await self._standings.find_by_login(user_id=user_id, org_id=org_id, login_id=login_id)
        if api_key_id is not None:
            return await self._standings.find_by_key(org_id=org_id, key_id=api_key_id)
        return None

    async def find_by_key_hash(self, token_hash: bytes) -> Principal | None:
        """The caller of an API key; None when it is no live key."""
        return await self._standings.find_by_key_hash(token_hash)

    async def reread(self, principal: Principal) -> Principal:
        """The same caller with the rights of now; raises LoginOver."""
        found = await self.find(
            user_id=principal.user_id,
            org_id=principal.org_id,
            login_id=principal.login_id,
            api_key_id=principal.api_key_id,
        )
        if found is None:
            raise LoginOver
        return found

    async def list_valid(self, principals: Sequence[Principal]) -> set[Principal]:
        """Which of many callers may still be here: one query for all logins, a few for each API key.

        Logins are judged by global tables alone, which every suspension, sign-out and change of password reaches; a
        change of role is seen by `reread`, when a right is used.
        """
        login_ids = [principal.login_id for principal in principals if principal.login_id is not None]
        live = await self._standings.list_live_logins(login_ids) if login_ids else set()
        valid = {principal for principal in principals if principal.login_id in live}
        for principal in principals:
            key_id = principal.api_key_id
            if key_id is not None and await self._standings.find_by_key(org_id=principal.org_id, key_id=key_id):
                valid.add(principal)
        return valid
