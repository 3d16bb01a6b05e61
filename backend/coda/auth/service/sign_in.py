"""Signing in, staying signed in, signing out, changing the password."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import UUID

from coda.access.principal import Principal
from coda.auth.service.unit_of_work import OpenUnitOfWork, SignedIn, UnitOfWork
from coda.core.rate_limit import Hit
from coda.core.security import AccessTokens
from coda.identity.devices import DeviceCookies
from coda.identity.email_address import normalize_email
from coda.identity.errors import AccountSuspended, InvalidCredentials, InvalidEmail, LoginOver, WrongPassword
from coda.identity.passwords import Passwords
from coda.identity.throttle import SignInThrottle
from coda.identity.types import Credentials, Grant, LoginEnd, Visitor


class SignIn:
    """For people who have an account. Opens its own short transactions."""

    def __init__(
        self,
        open_unit: OpenUnitOfWork,
        *,
        passwords: Passwords,
        throttle: SignInThrottle,
        devices: DeviceCookies,
        count_keys: Callable[[Principal], Awaitable[int]],
        tokens: AccessTokens,
    ) -> None:
        self._open_unit = open_unit
        self._passwords = passwords
        self._throttle = throttle
        self._devices = devices
        self._count_keys = count_keys
        self._tokens = tokens

    async def log_in(self, *, email: str, password: str, visitor: Visitor) -> SignedIn:
        """A new login; raises InvalidCredentials, AccountSuspended, TooManyAttempts."""
        async with self._open_unit() as unit:
            known = await unit.accounts.find_credentials(email)
        attempt = await self._count(known, email, visitor)
        stored = None if known is None else known.password_hash
        if not await self._passwords.matches(password, stored) or known is None:
            raise InvalidCredentials
        await self._throttle.forgive(attempt)
        async with self._open_unit() as unit:
            user = await unit.accounts.get_open(known.user_id)
            if await unit.accounts.find_own_password_hash() != stored:
                raise InvalidCredentials
            grant = await unit.start_login(user.id, visitor)
        return SignedIn.issue(user, grant, self._tokens)

    async def _count(self, known: Credentials | None, email: str, visitor: Visitor) -> Sequence[Hit]:
        """By the account where there is one: of one account, Postgres and Python may see other letters.

        An address that nobody has is counted in its normal form, as an account would be however it is spelled.
        """
        if known is None:
            return await self._throttle.count_sign_in(_normal(email), device=None, address=visitor.address)
        device = self._devices.read(visitor.device_cookie, known.user_id)
        return await self._throttle.count_sign_in(known.user_id, device=device, address=visitor.address)

    async def refresh(self, refresh_token: str | None, *, org_id: UUID | None, visitor: Visitor) -> SignedIn:
        """Continue a login, in another organization where one is named; raises LoginOver, NotAMember."""
        if not refresh_token:
            raise LoginOver
        async with self._open_unit() as unit:
            grant = await unit.logins.rotate(refresh_token, visitor)
            # Leaving without an error commits: a login that ends because of a copied token must stay ended.
            if grant is not None:
                user = await unit.accounts.get_open(grant.user_id)
                grant = await self._in_organization(unit, grant, org_id)
        if grant is None:
            raise LoginOver
        return SignedIn.issue(user, grant, self._tokens)

    async def log_out(self, refresh_token: str | None) -> None:
        """End the login of a refresh token; without one nothing happens."""
        if not refresh_token:
            return
        async with self._open_unit() as unit:
            await unit.logins.end_by_token(refresh_token)

    async def change_password(self, principal: Principal, *, current: str, new: str, visitor: Visitor) -> int:
        """Another password; every other login ends, API keys stay. Gives how many of these there are.

        Raises WrongPassword, TooManyAttempts.
        """
        async with self._open_unit() as unit:
            known = await unit.accounts.get_open(principal.user_id)
            stored = await unit.accounts.find_own_password_hash()
        attempt = await self._throttle.count_sign_in(known.id, device=str(principal.login_id), address=visitor.address)
        if not await self._passwords.matches(current, stored):
            raise WrongPassword
        await self._throttle.forgive(attempt)
        password_hash = await self._passwords.hash(new)
        async with self._open_unit() as unit:
            user = await unit.accounts.get_open(known.id)
            if await unit.accounts.find_own_password_hash() != stored:
                raise WrongPassword
            await unit.accounts.set_password(user.id, password_hash)
            await unit.logins.end_others(LoginEnd.PASSWORD_CHANGED, user.id, but=principal.login_id)
            await unit.links.revoke_resets(user.id)
        return await self._count_keys(principal)

    async def _in_organization(self, unit: UnitOfWork, grant: Grant, org_id: UUID | None) -> Grant:
        if org_id is not None:
            membership = await unit.memberships.get(grant.user_id, org_id)
        else:
            try:
                membership = await unit.memberships.get_home(grant.user_id, last=grant.org_id)
            except AccountSuspended:
                raise LoginOver from None
        if membership.id == grant.org_id:
            return grant
        await unit.logins.move(grant.login_id, grant.user_id, org_id=membership.id)
        return replace(grant, org_id=membership.id)


def _normal(email: str) -> str:
    try:
        return normalize_email(email)
    except InvalidEmail:
        return email
