"""The people of one organization, as its administrators see and change them."""

from uuid import UUID

from coda.access.checks import check
from coda.access.errors import AdminsOnly
from coda.access.permissions import ROLE_PERMISSIONS, Permission
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.pagination import Page
from coda.identity.models import OneTimeToken
from coda.identity.service import AccountService, ApiKeyService, LinkService, LoginService
from coda.identity.types import LinkPurpose, LinkTerms, LoginEnd, NewLink
from coda.organizations.errors import LastAdmin, OwnAccount, PersonalOrganization, PersonNotFound
from coda.organizations.name_cursor import NameCursor
from coda.organizations.repository import OrganizationRepository, PeopleRepository
from coda.organizations.types import Member, MembershipStatus, OrganizationKind


class PeopleService:
    """Lists, invites, promotes, suspends. The caller is an administrator of the organization; to change, signed in."""

    def __init__(
        self,
        people: PeopleRepository,
        organizations: OrganizationRepository,
        keys: ApiKeyService,
        accounts: AccountService,
        logins: LoginService,
        links: LinkService,
    ) -> None:
        self._people = people
        self._organizations = organizations
        self._keys = keys
        self._accounts = accounts
        self._logins = logins
        self._links = links

    async def list_people(self, *, cursor: str | None, limit: int) -> Page[Member]:
        """Members by name."""
        rows = await self._people.list_people(cursor=NameCursor.decode(cursor), limit=limit)
        shown = rows[:limit]
        more = len(rows) > limit
        return Page(shown, NameCursor(shown[-1].name, shown[-1].user_id).encode() if more else None)

    async def change(
        self, actor: Principal, user_id: UUID, *, role: Role | None, status: MembershipStatus | None
    ) -> Member:
        """Change a member's role, suspend them, let them back in.

        Raises PersonNotFound, LastAdmin, OwnAccount, AdminsOnly, OperatorsOnly.
        """
        admins = await self._people.lock_admins()
        person = await self._people.find(user_id)
        if person is None:
            raise PersonNotFound(user_id)
        self._check(actor, person, admins, role=role, status=status)
        if role not in (None, person.role):
            await self._change_role(actor.org_id, person, role)
        if status not in (None, person.status):
            await self._change_status(actor.org_id, person, status)
        changed = await self._people.find(user_id)
        return changed or person

    async def list_invites(self, actor: Principal, *, cursor: str | None, limit: int) -> Page[OneTimeToken]:
        """Open invitations, newest first."""
        return await self._links.list_invites(actor.org_id, cursor=cursor, limit=limit)

    async def invite(self, actor: Principal, *, email: str, role: Role) -> tuple[str, NewLink]:
        """A one-time link for a new person, with the address in its normal form.

        Raises PersonalOrganization, InvalidEmail, EmailTaken.
        """
        if await self._kind(actor.org_id) is OrganizationKind.PERSONAL:
            raise PersonalOrganization
        address = await self._accounts.require_free(email)
        await self._links.revoke_invites_to(actor.org_id, address)
        link = await self._links.create(
            LinkTerms(LinkPurpose.INVITE, email=address, org_id=actor.org_id, role=role, created_by=actor.user_id)
        )
        return address, link

    async def revoke_invite(self, actor: Principal, invite_id: UUID) -> None:
        """Take an open invitation back; raises InviteNotFound."""
        await self._links.revoke_invite(actor.org_id, invite_id)

    @staticmethod
    def _check(
        actor: Principal, person: Member, admins: set[UUID], *, role: Role | None, status: MembershipStatus | None
    ) -> None:
        suspends = status is MembershipStatus.SUSPENDED
        demotes = role is not None and ROLE_PERMISSIONS[role] < ROLE_PERMISSIONS[person.role]
        # Read under the lock: somebody may have demoted the caller since the request began.
        if actor.user_id not in admins:
            raise AdminsOnly
        if suspends and person.user_id == actor.user_id:
            raise OwnAccount
        if suspends or demotes:
            check(actor, Permission.PEOPLE_MANAGE, on=person)
        if (suspends or demotes) and admins == {person.user_id}:
            raise LastAdmin

    async def _change_role(self, org_id: UUID, person: Member, role: Role) -> None:
        await self._people.set_role(person.user_id, role)
        if role is not Role.ADMIN:
            await self._links.revoke_invites_by(org_id, person.user_id)

    async def _change_status(self, org_id: UUID, person: Member, status: MembershipStatus) -> None:
        await self._people.set_status(person.user_id, status)
        # Who may not enter the shared organization may not use the instance at all.
        everywhere = await self._kind(org_id) is OrganizationKind.SHARED
        if status is MembershipStatus.ACTIVE:
            if everywhere:
                await self._accounts.readmit(person.user_id)
            return
        await self._keys.revoke_all(person.user_id)
        await self._links.revoke_invites_by(org_id, person.user_id)
        if everywhere:
            await self._accounts.suspend(person.user_id)
        await self._logins.end_of_member(LoginEnd.SUSPENDED, person.user_id, everywhere=everywhere)

    async def _kind(self, org_id: UUID) -> OrganizationKind:
        organization = await self._organizations.find(org_id)
        return OrganizationKind.PERSONAL if organization is None else OrganizationKind(organization.kind)
