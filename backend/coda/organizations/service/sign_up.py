"""Makes people members: the first administrator, and everybody who is let in after."""

from typing import Final
from uuid import UUID

from coda.access.roles import Role
from coda.core.ids import new_id
from coda.identity.models import User
from coda.identity.service import AccountService, InstanceFacts
from coda.organizations.errors import AlreadySetUp
from coda.organizations.repository import MembershipRepository, OrganizationRepository
from coda.organizations.types import OrganizationKind

_SHARED_NAME: Final = "Everyone"


class SignUp:
    """New accounts with their memberships: in an organization that lets them in, and in one of their own."""

    def __init__(
        self,
        accounts: AccountService,
        facts: InstanceFacts,
        organizations: OrganizationRepository,
        memberships: MembershipRepository,
    ) -> None:
        self._accounts = accounts
        self._facts = facts
        self._organizations = organizations
        self._memberships = memberships

    async def is_set_up(self) -> bool:
        """Whether the first administrator exists."""
        return await self._facts.has_admin()

    async def ensure_shared_organization(self) -> UUID:
        """The organization that everybody joins; made by whoever asks first."""
        found = await self._facts.find_shared_organization()
        if found is not None:
            return found
        org_id = new_id()
        if await self._facts.claim_shared_organization(org_id):
            await self._organizations.insert(org_id=org_id, name=_SHARED_NAME, kind=OrganizationKind.SHARED)
            return org_id
        return await self.ensure_shared_organization()

    async def make_first_admin(self, *, email: str, name: str | None = None, password_hash: str) -> User:
        """The first administrator and operator; raises AlreadySetUp for all but one caller in an instance's life."""
        user_id = new_id()
        if not await self._facts.claim_first_admin(user_id):
            raise AlreadySetUp
        user = await self._accounts.create(
            user_id=user_id, email=email, name=name, password_hash=password_hash, is_operator=True
        )
        await self._add_memberships(user, org_id=await self.ensure_shared_organization(), role=Role.ADMIN)
        return user

    async def add_person(
        self, *, email: str, name: str | None, password_hash: str, role: Role, org_id: UUID | None = None
    ) -> User:
        """A new member of an organization, the shared one if none is named; raises InvalidEmail or EmailTaken."""
        user = await self._accounts.create(user_id=new_id(), email=email, name=name, password_hash=password_hash)
        await self._add_memberships(user, org_id=org_id or await self.ensure_shared_organization(), role=role)
        return user

    async def _add_memberships(self, user: User, *, org_id: UUID, role: Role) -> None:
        own = new_id()
        await self._organizations.insert(org_id=own, name=user.name, kind=OrganizationKind.PERSONAL)
        await self._memberships.insert(org_id=own, user_id=user.id, role=Role.ADMIN)
        await self._memberships.insert(org_id=org_id, user_id=user.id, role=role)
