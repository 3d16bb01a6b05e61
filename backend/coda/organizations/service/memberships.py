"""Where a person belongs, and where they work when they sign in."""

from collections.abc import Sequence
from uuid import UUID

from coda.identity.errors import AccountSuspended
from coda.organizations.errors import NotAMember
from coda.organizations.repository import MembershipRepository
from coda.organizations.types import OrganizationMembership


class MembershipService:
    """A person's organizations."""

    def __init__(self, memberships: MembershipRepository) -> None:
        self._memberships = memberships

    async def list_of(self, user_id: UUID) -> Sequence[OrganizationMembership]:
        """The organizations that a person may work in, shared ones first."""
        return await self._memberships.list_of(user_id)

    async def get(self, user_id: UUID, org_id: UUID) -> OrganizationMembership:
        """One of a person's organizations; raises NotAMember, also where there is no such organization."""
        for membership in await self._memberships.list_of(user_id):
            if membership.id == org_id:
                return membership
        raise NotAMember(org_id)

    async def get_home(self, user_id: UUID, *, last: UUID | None) -> OrganizationMembership:
        """Where a person works after signing in: where they did last, else a shared one, else their own.

        Raises AccountSuspended when no organization lets them in.
        """
        memberships = await self._memberships.list_of(user_id)
        if not memberships:
            raise AccountSuspended
        return next((membership for membership in memberships if membership.id == last), memberships[0])
