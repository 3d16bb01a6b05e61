"""The services that one transaction of a sign-in needs."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from coda.core.security import AccessClaims, AccessTokens
from coda.identity.models import User
from coda.identity.service import AccountService, LinkService, LoginService
from coda.identity.types import Grant, Visitor
from coda.organizations.service import MembershipService, OrganizationService, SignUp


@dataclass(frozen=True, slots=True)
class UnitOfWork:
    """Accounts, logins, links and memberships within one transaction."""

    accounts: AccountService
    logins: LoginService
    links: LinkService
    memberships: MembershipService
    organizations: OrganizationService
    sign_up: SignUp

    async def start_login(self, user_id: UUID, visitor: Visitor, *, org_id: UUID | None = None) -> Grant:
        """A new login, in the organization that is named, else in the one that the person worked in last."""
        last = org_id or await self.logins.find_last_org(user_id)
        home = await self.memberships.get_home(user_id, last=last)
        return await self.logins.start(user_id=user_id, org_id=home.id, visitor=visitor)


# Passwords are hashed between transactions, never inside one: a sign-in must not hold a connection for that long.
OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a sign-in hands out."""

    user: User
    access_token: str
    expires_in: int
    refresh_token: str

    @classmethod
    def issue(cls, user: User, grant: Grant, tokens: AccessTokens) -> "SignedIn":
        """Sign an access token for a login."""
        access_token = tokens.issue(AccessClaims(user.id, grant.org_id, grant.login_id))
        return cls(user, access_token, int(tokens.lifetime.total_seconds()), grant.refresh_token)
