"""The caller's own name and language, and where they belong."""

from collections.abc import Mapping, Sequence
from typing import Any

from coda.access.principal import Principal
from coda.identity.models import User
from coda.identity.service import AccountService
from coda.organizations.service import MembershipService
from coda.organizations.types import OrganizationMembership


class ProfileService:
    """Reads and changes what a person says about themself."""

    def __init__(self, accounts: AccountService, memberships: MembershipService) -> None:
        self._accounts = accounts
        self._memberships = memberships

    async def read(self, principal: Principal) -> tuple[User, OrganizationMembership, Sequence[OrganizationMembership]]:
        """The person, the organization worked in, and all organizations."""
        user = await self._accounts.get(principal.user_id)
        memberships = await self._memberships.list_of(principal.user_id)
        here = next(membership for membership in memberships if membership.id == principal.org_id)
        return user, here, memberships

    async def change(self, principal: Principal, changes: Mapping[str, Any]) -> User:
        """Change name, language or time zone."""
        user = await self._accounts.get(principal.user_id)
        for field in ("name", "locale", "time_zone"):
            if field in changes:
                setattr(user, field, changes[field])
        return user
