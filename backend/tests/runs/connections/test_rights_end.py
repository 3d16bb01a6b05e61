"""Whatever ends a right ends the sockets that it opened, over a real socket and by the service that ends it in life."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import pytest

from coda.access.roles import Role
from coda.auth.first_start import create_reset_link
from coda.auth.wiring import build_link_redemption, build_sign_in
from coda.identity.types import Visitor
from coda.identity.wiring import build_api_keys
from coda.organizations.types import MembershipStatus
from coda.organizations.wiring import build_people
from tests.callers import PASSWORD, Caller, Town
from tests.runs.site import Site

PROMISED: Final = 5
NEW_PASSWORD: Final = "another horse, another battery"
VISITOR: Final = Visitor("192.0.2.7", "a test")


class Household:
    """Somebody with two logins and a key, their administrator, and the services that end rights."""

    def __init__(self, site: Site, town: Town, admin: Caller, lost: Caller, other: Caller, key: Caller) -> None:
        self.site, self.town = site, town
        self.admin, self.lost, self.other, self.key = admin, lost, other, key

    async def change_password(self) -> None:
        """From the other login."""
        sign_in = build_sign_in(self.site.process.database, self.site.process.identity)
        await sign_in.change_password(self.other.principal, current=PASSWORD, new=NEW_PASSWORD, visitor=VISITOR)

    async def reset_password(self) -> None:
        """By a link, as somebody who has no login at hand."""
        process = self.site.process
        token = await create_reset_link(process.database, process.settings, email=self.lost.email)
        links = build_link_redemption(process.database, process.identity)
        await links.reset_password(token=token, password=NEW_PASSWORD, visitor=VISITOR)

    async def sign_out(self) -> None:
        """By the refresh token, as the page does."""
        sign_in = build_sign_in(self.site.process.database, self.site.process.identity)
        await sign_in.log_out(self.lost.refresh_token)

    async def end_login(self) -> None:
        """From another device."""
        who = self.lost.principal
        assert who.login_id is not None
        async with self.site.process.database.transaction(who.scope) as db:
            await self.site.process.identity.logins(db).end(who.user_id, who.login_id)

    async def reuse_token(self) -> None:
        """A copied refresh token is used after two newer ones."""
        assert self.lost.refresh_token is not None
        sign_in = build_sign_in(self.site.process.database, self.site.process.identity)
        newer = (await sign_in.refresh(self.lost.refresh_token, org_id=None, visitor=VISITOR)).refresh_token
        await sign_in.refresh(newer, org_id=None, visitor=VISITOR)
        with pytest.raises(Exception, match="Sign in again"):
            await sign_in.refresh(self.lost.refresh_token, org_id=None, visitor=VISITOR)

    async def suspend(self) -> None:
        """By the administrator."""
        admin, process = self.admin.principal, self.site.process
        async with process.database.transaction(admin.scope) as db:
            people = build_people(db, admin.scope, process.identity)
            await people.change(admin, self.lost.principal.user_id, role=None, status=MembershipStatus.SUSPENDED)

    async def remove_membership(self) -> None:
        """There is no service for it yet: by the owner of all rows."""
        await self.town.execute("delete from memberships where user_id = :id", id=self.lost.principal.user_id)

    async def remove_account(self) -> None:
        """The same for the whole account."""
        await self.town.execute("delete from users where id = :id", id=self.lost.principal.user_id)

    async def revoke_key(self) -> None:
        """By its owner."""
        who = self.key.principal
        assert who.api_key_id is not None
        async with self.site.process.database.transaction(who.scope) as db:
            await build_api_keys(db, who.org_id).revoke(who.user_id, who.api_key_id)


Act = Callable[[Household], Awaitable[None]]
# What is done, and which of the sockets end by it; the others stay.
ENDS: Final[dict[Act, set[str]]] = {
    Household.change_password: {"lost"},
    Household.reset_password: {"lost", "other"},
    Household.sign_out: {"lost"},
    Household.end_login: {"lost"},
    Household.reuse_token: {"lost"},
    Household.suspend: {"lost", "other", "key"},
    Household.remove_membership: {"lost", "other", "key"},
    Household.remove_account: {"lost", "other", "key"},
    Household.revoke_key: {"key"},
}


@pytest.fixture
async def household(site: Site) -> Household:
    town = Town(site.process.database, site.process.identity)
    org_id = await town.found()
    lost = await town.settle(org_id, Role.MEMBER)
    return Household(
        site,
        town,
        await town.settle(org_id, Role.ADMIN),
        lost,
        await town.sign_in(lost.principal, lost.email),
        await town.key(lost),
    )


@pytest.mark.parametrize("act", ENDS, ids=lambda act: act.__name__)
async def test_what_is_lost_ends_within_five_seconds(site: Site, household: Household, act: Act) -> None:
    callers = {"lost": household.lost, "other": household.other, "key": household.key, "admin": household.admin}
    async with (
        site.line(token=callers["lost"].bearer) as lost,
        site.line(token=callers["other"].bearer) as other,
        site.line(token=callers["key"].bearer) as key,
        site.line(token=callers["admin"].bearer) as admin,
    ):
        lines = {"lost": lost, "other": other, "key": key, "admin": admin}
        for line in lines.values():
            await line.ask("ping")

        await act(household)

        async with asyncio.timeout(PROMISED):
            codes = await asyncio.gather(*(lines[name].close_code() for name in ENDS[act]))
        assert set(codes) == {4401}
        for name in lines.keys() - ENDS[act]:
            assert (await lines[name].ask("ping"))["op"] == "pong"


@pytest.mark.parametrize("act", ENDS, ids=lambda act: act.__name__)
async def test_and_opens_nothing_again(site: Site, household: Household, act: Act) -> None:
    await act(household)

    for name in ENDS[act]:
        async with site.line(token=getattr(household, name).bearer) as line:
            assert await line.close_code() == 4401
