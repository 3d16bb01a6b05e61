"""How long callers may stay, and with which rights."""

from uuid import UUID

from httpx import AsyncClient

from coda.access.authenticator import Authenticator
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.db import Database
from tests.callers import Caller, Town


class TestStay:
    async def test_as_long_as_login_and_key_live(
        self,
        database: Database,
        authenticator: Authenticator,
        client: AsyncClient,
        town: Town,
        member: Caller,
        stranger: Caller,
    ) -> None:
        key = await town.key(member)
        everybody = [member.principal, key.principal, stranger.principal]
        async with database.system() as connection:
            current = await authenticator.list_current(connection, everybody)
        assert current == {principal: principal for principal in everybody}

        await client.delete(f"/api/v1/me/logins/{member.principal.login_id}", headers=member.headers)
        await client.delete(f"/api/v1/api-keys/{key.principal.api_key_id}", headers=key.headers)

        async with database.system() as connection:
            assert set(await authenticator.list_current(connection, everybody)) == {stranger.principal}
            assert await authenticator.list_current(connection, []) == {}

    async def test_suspension_reaches_logins_and_keys(
        self,
        database: Database,
        authenticator: Authenticator,
        client: AsyncClient,
        town: Town,
        admin: Caller,
        member: Caller,
    ) -> None:
        key = await town.key(member)
        await client.patch(
            f"/api/v1/people/{member.principal.user_id}", json={"status": "suspended"}, headers=admin.headers
        )

        async with database.system() as connection:
            callers = [member.principal, key.principal, admin.principal]
            assert set(await authenticator.list_current(connection, callers)) == {admin.principal}

    async def test_rights_are_those_of_now(
        self,
        database: Database,
        authenticator: Authenticator,
        client: AsyncClient,
        town: Town,
        org_id: UUID,
        admin: Caller,
    ) -> None:
        second = await town.settle(org_id, Role.ADMIN)
        key = await town.key(second)
        await client.patch(f"/api/v1/people/{second.principal.user_id}", json={"role": "viewer"}, headers=admin.headers)

        for caller in (second, key):
            async with database.transaction(None) as db:
                now = await authenticator.reread(db, caller.principal)
            assert now is not None
            assert now.role is Role.VIEWER
            assert not now.permissions & {Permission.RUNS_WRITE, Permission.PEOPLE_MANAGE}
            assert (now.login_id, now.api_key_id) == (caller.principal.login_id, caller.principal.api_key_id)
            async with database.system() as connection:
                assert await authenticator.list_current(connection, [caller.principal]) == {caller.principal: now}

    async def test_nobody_stays_without_a_login_or_key(
        self, database: Database, authenticator: Authenticator, member: Caller
    ) -> None:
        person = member.principal
        neither = Principal(person.user_id, person.org_id, person.role, person.is_operator)
        async with database.transaction(None) as db:
            assert await authenticator.reread(db, neither) is None
        async with database.system() as connection:
            assert await authenticator.list_current(connection, [neither]) == {}
