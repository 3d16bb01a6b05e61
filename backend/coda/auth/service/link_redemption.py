"""Coming in by a one-time link: set-up, invitation, new password."""

from uuid import UUID

from coda.access.roles import Role
from coda.auth.service.unit_of_work import OpenUnitOfWork, SignedIn, UnitOfWork
from coda.core.security import AccessTokens
from coda.identity.errors import AccountSuspended, LinkNotFound, LinkSpent, LoginOver
from coda.identity.models import User
from coda.identity.passwords import Passwords
from coda.identity.throttle import SignInThrottle
from coda.identity.types import LinkPurpose, LinkTerms, LoginEnd, Visitor
from coda.organizations.errors import AlreadySetUp


class LinkRedemption:
    """For people who hold a link. Each link is checked before a password is hashed, and used up after."""

    def __init__(
        self, open_unit: OpenUnitOfWork, *, passwords: Passwords, throttle: SignInThrottle, tokens: AccessTokens
    ) -> None:
        self._open_unit = open_unit
        self._passwords = passwords
        self._throttle = throttle
        self._tokens = tokens

    async def is_set_up(self) -> bool:
        """Whether the first administrator exists."""
        async with self._open_unit() as unit:
            return await unit.sign_up.is_set_up()

    async def read(self, token: str, visitor: Visitor) -> tuple[LinkTerms, str | None]:
        """What a link is for, and the name of the organization that it leads to."""
        attempt = await self._throttle.count_address(visitor.address)
        async with self._open_unit() as unit:
            terms = await unit.links.read(token)
            if terms.purpose is LinkPurpose.SETUP and await unit.sign_up.is_set_up():
                raise LinkSpent
            name = None if terms.org_id is None else await unit.organizations.find_name(terms.org_id)
        await self._throttle.forgive(attempt)
        return terms, name

    async def set_up(self, *, token: str, email: str, name: str | None, password: str, visitor: Visitor) -> SignedIn:
        """The first administrator, exactly once; raises AlreadySetUp, LinkNotFound, LinkSpent."""
        await self._check(token, LinkPurpose.SETUP, visitor)
        password_hash = await self._passwords.hash(password)
        async with self._open_unit() as unit:
            await unit.links.redeem(token, LinkPurpose.SETUP)
            user = await unit.sign_up.make_first_admin(email=email, name=name, password_hash=password_hash)
            grant = await unit.start_login(user.id, visitor)
        return SignedIn.issue(user, grant, self._tokens)

    async def accept_invite(self, *, token: str, name: str, password: str, visitor: Visitor) -> SignedIn:
        """A new member of the organization that invited them; raises EmailTaken, LinkNotFound, LinkSpent."""
        await self._check(token, LinkPurpose.INVITE, visitor)
        password_hash = await self._passwords.hash(password)
        async with self._open_unit() as unit:
            terms = await unit.links.redeem(token, LinkPurpose.INVITE)
            if terms.email is None or terms.role is None:
                raise LinkNotFound
            user = await unit.sign_up.add_person(
                email=terms.email,
                name=name,
                password_hash=password_hash,
                role=Role(terms.role),
                org_id=terms.org_id,
            )
            grant = await unit.start_login(user.id, visitor, org_id=terms.org_id)
        return SignedIn.issue(user, grant, self._tokens)

    async def reset_password(self, *, token: str, password: str, visitor: Visitor) -> SignedIn:
        """A new password by a link; every login of before ends. Raises LinkNotFound, LinkSpent."""
        await self._check(token, LinkPurpose.RESET, visitor)
        password_hash = await self._passwords.hash(password)
        async with self._open_unit() as unit:
            terms = await unit.links.redeem(token, LinkPurpose.RESET)
            user = await self._open_account(unit, terms.user_id)
            await unit.accounts.set_password(user.id, password_hash)
            await unit.logins.end_others(LoginEnd.PASSWORD_CHANGED, user.id)
            await unit.links.revoke_resets(user.id)
            grant = await unit.start_login(user.id, visitor)
        return SignedIn.issue(user, grant, self._tokens)

    async def _check(self, token: str, purpose: LinkPurpose, visitor: Visitor) -> None:
        attempt = await self._throttle.count_address(visitor.address)
        async with self._open_unit() as unit:
            await unit.links.read(token, purpose)
            if purpose is LinkPurpose.SETUP and await unit.sign_up.is_set_up():
                raise AlreadySetUp
        await self._throttle.forgive(attempt)

    async def _open_account(self, unit: UnitOfWork, user_id: UUID | None) -> User:
        if user_id is None:
            raise LinkNotFound
        try:
            return await unit.accounts.get_open(user_id)
        except (AccountSuspended, LoginOver):
            raise LinkNotFound from None
