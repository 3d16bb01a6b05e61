"""The first administrator: exactly once, whoever races."""

from uuid import UUID

import anyio
import pytest
from httpx import AsyncClient, Response
from pydantic import SecretStr
from sqlalchemy import text

from coda.access.roles import Role
from coda.auth.errors import AdminSettingsIncomplete
from coda.auth.first_start import create_reset_link, create_user, ensure_first_admin
from coda.core.db import Database
from coda.core.settings import Settings
from coda.identity.errors import AccountNotFound, EmailTaken, InvalidEmail, UnsuitablePassword
from tests.auth.site import make_app, make_client
from tests.callers import PASSWORD
from tests.postgres_server import as_owner


@pytest.fixture
async def client(fresh_database: Database, settings: Settings) -> AsyncClient:
    return make_client(make_app(fresh_database, settings))


async def set_up(client: AsyncClient, token: str | None, email: str = "ana@example.org") -> Response:
    return await client.post("/api/v1/auth/setup", json={"token": token, "email": email, "password": PASSWORD})


async def count(database: Database, query: str) -> int:
    async with as_owner(database.urls) as owner:
        return int(await owner.scalar(text(query)) or 0)


def with_admin(settings: Settings, email: str | None, password: str | None) -> Settings:
    secret = None if password is None else SecretStr(password)
    return settings.model_copy(update={"admin_email": email, "admin_password": secret})


class TestSetUpLink:
    async def test_makes_an_operator_who_administers_the_shared_organization(
        self, client: AsyncClient, fresh_database: Database, settings: Settings
    ) -> None:
        token = await ensure_first_admin(fresh_database, settings)
        assert (await client.get("/api/v1/auth/state")).json()["setup_required"] is True
        link = await client.get(f"/api/v1/auth/links/{token}")
        assert link.json() == {"purpose": "setup", "email": None, "organization": None}

        response = await set_up(client, token)

        assert response.status_code == 201
        bearer = {"Authorization": f"Bearer {response.json()['access_token']}"}
        me = (await client.get("/api/v1/me", headers=bearer)).json()
        assert me["user"]["is_operator"] is True
        assert (me["organization"]["kind"], me["organization"]["role"]) == ("shared", "admin")
        assert [one["kind"] for one in me["organizations"]] == ["shared", "personal"]
        assert (await client.get("/api/v1/auth/state")).json()["setup_required"] is False

    @pytest.mark.parametrize(("name", "shown"), [("Ana Nunes", "Ana Nunes"), (None, "ana")])
    async def test_takes_the_name_that_others_see(
        self, client: AsyncClient, fresh_database: Database, settings: Settings, name: str | None, shown: str
    ) -> None:
        token = await ensure_first_admin(fresh_database, settings)
        person = {"email": "ana@example.org", "password": PASSWORD, "name": name}

        response = await client.post("/api/v1/auth/setup", json={"token": token, **person})

        assert response.json()["user"]["name"] == shown

    async def test_works_once(self, client: AsyncClient, fresh_database: Database, settings: Settings) -> None:
        token = await ensure_first_admin(fresh_database, settings)
        await set_up(client, token)

        assert (await set_up(client, token)).status_code == 410
        assert (await client.get(f"/api/v1/auth/links/{token}")).status_code == 410

    async def test_of_another_start_is_void_afterwards(
        self, client: AsyncClient, fresh_database: Database, settings: Settings
    ) -> None:
        first = await ensure_first_admin(fresh_database, settings)
        second = await ensure_first_admin(fresh_database, settings)
        assert (await set_up(client, second)).status_code == 201

        response = await set_up(client, first, "eve@example.org")

        assert (response.status_code, response.json()["error"]["code"]) == (409, "organizations.already_set_up")
        assert (await client.get(f"/api/v1/auth/links/{first}")).status_code == 410
        assert await ensure_first_admin(fresh_database, settings) is None

    async def test_a_refused_request_does_not_use_it_up(
        self, client: AsyncClient, fresh_database: Database, settings: Settings
    ) -> None:
        token = await ensure_first_admin(fresh_database, settings)

        assert (await set_up(client, token, "no address")).json()["error"]["code"] == "identity.invalid_email"
        assert (await set_up(client, token)).status_code == 201

    @pytest.mark.parametrize("same_link", [True, False])
    async def test_many_at_once_make_one(
        self, client: AsyncClient, fresh_database: Database, settings: Settings, same_link: bool
    ) -> None:
        links = [await ensure_first_admin(fresh_database, settings) for _ in range(1 if same_link else 5)]
        statuses: list[int] = []

        async def try_it(number: int) -> None:
            response = await set_up(client, links[number % len(links)], f"person{number}@example.org")
            statuses.append(response.status_code)

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(try_it, number)

        assert sorted(statuses)[0] == 201
        assert set(statuses[1:]) | {201} <= {201, 409, 410}
        assert statuses.count(201) == 1
        assert await count(fresh_database, "select count(*) from users") == 1
        assert await count(fresh_database, "select count(*) from organizations where kind = 'shared'") == 1


class TestEnvironment:
    async def test_makes_the_admin_and_no_link(
        self, client: AsyncClient, fresh_database: Database, settings: Settings
    ) -> None:
        assert await ensure_first_admin(fresh_database, with_admin(settings, "Ana@example.org", PASSWORD)) is None

        response = await client.post("/api/v1/auth/login", json={"email": "ana@example.org", "password": PASSWORD})
        assert response.status_code == 200

    async def test_starts_at_once_make_one(self, fresh_database: Database, settings: Settings) -> None:
        chosen = with_admin(settings, "ana@example.org", PASSWORD)
        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(ensure_first_admin, fresh_database, chosen)

        assert await count(fresh_database, "select count(*) from users where is_operator") == 1
        assert await count(fresh_database, "select count(*) from organizations where kind = 'shared'") == 1

    async def test_changes_nothing_later(
        self, client: AsyncClient, fresh_database: Database, settings: Settings
    ) -> None:
        await ensure_first_admin(fresh_database, with_admin(settings, "ana@example.org", PASSWORD))
        await ensure_first_admin(fresh_database, with_admin(settings, "ana@example.org", "another password"))
        await ensure_first_admin(fresh_database, with_admin(settings, "eve@example.org", "another password"))

        assert await count(fresh_database, "select count(*) from users") == 1
        response = await client.post("/api/v1/auth/login", json={"email": "ana@example.org", "password": PASSWORD})
        assert response.status_code == 200

    @pytest.mark.parametrize(
        ("email", "password", "error"),
        [
            ("ana@example.org", None, AdminSettingsIncomplete),
            (None, PASSWORD, AdminSettingsIncomplete),
            ("ana", PASSWORD, InvalidEmail),
            ("ana@example.org", "short", UnsuitablePassword),
        ],
    )
    async def test_says_what_is_wrong(
        self,
        fresh_database: Database,
        settings: Settings,
        email: str | None,
        password: str | None,
        error: type[Exception],
    ) -> None:
        with pytest.raises(error):
            await ensure_first_admin(fresh_database, with_admin(settings, email, password))


class TestCommandLine:
    async def test_the_first_person_is_the_administrator_and_the_next_what_is_said(
        self, client: AsyncClient, fresh_database: Database, settings: Settings
    ) -> None:
        await create_user(fresh_database, email="ana@example.org", name=None, password=PASSWORD, role=Role.VIEWER)
        await create_user(fresh_database, email="bo@example.org", name="Bo", password=PASSWORD, role=Role.VIEWER)

        assert [await self._role(client, email) for email in ("ana@example.org", "bo@example.org")] == [
            ("admin", True),
            ("viewer", False),
        ]
        with pytest.raises(EmailTaken):
            await create_user(fresh_database, email="Bo@Example.org", name=None, password=PASSWORD, role=Role.MEMBER)

    async def test_a_reset_link_sets_a_password_once_and_ends_every_login(
        self, client: AsyncClient, fresh_database: Database, settings: Settings
    ) -> None:
        await create_user(fresh_database, email="ana@example.org", name=None, password=PASSWORD, role=Role.ADMIN)
        signed_in = await client.post("/api/v1/auth/login", json={"email": "ana@example.org", "password": PASSWORD})
        old = await create_reset_link(fresh_database, settings, email="ana@example.org")
        token = await create_reset_link(fresh_database, settings, email="ANA@example.org")
        link = (await client.get(f"/api/v1/auth/links/{token}")).json()
        assert link == {"purpose": "reset", "email": "ana@example.org", "organization": None}
        assert (await client.get(f"/api/v1/auth/links/{old}")).status_code == 404

        response = await client.post("/api/v1/auth/reset", json={"token": token, "password": "a new password"})

        assert response.status_code == 200
        before = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
        assert (await client.get("/api/v1/me", headers=before)).status_code == 401
        again = await client.post("/api/v1/auth/reset", json={"token": token, "password": "yet another one"})
        assert again.status_code == 410
        for password, status in ((PASSWORD, 401), ("a new password", 200)):
            login = await client.post("/api/v1/auth/login", json={"email": "ana@example.org", "password": password})
            assert login.status_code == status

    async def test_nobodys_password_is_not_reset(self, fresh_database: Database, settings: Settings) -> None:
        with pytest.raises(AccountNotFound):
            await create_reset_link(fresh_database, settings, email="nobody@example.org")

    @staticmethod
    async def _role(client: AsyncClient, email: str) -> tuple[str, bool]:
        login = await client.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
        bearer = {"Authorization": f"Bearer {login.json()['access_token']}"}
        me = (await client.get("/api/v1/me", headers=bearer)).json()
        assert UUID(me["organization"]["id"])
        return me["organization"]["role"], me["user"]["is_operator"]
