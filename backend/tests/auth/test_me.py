"""The caller's profile, password and logins."""

from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient, Response

from coda.access.key_scopes import KeyScope
from coda.access.permissions import Permission
from coda.access.roles import Role
from tests.callers import PASSWORD, Caller, Town


def code_of(response: Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


class TestMe:
    async def test_shows_the_caller_and_where_they_belong(self, client: AsyncClient, viewer: Caller) -> None:
        me = (await client.get("/api/v1/me", headers=viewer.headers)).json()

        assert me["user"]["email"] == viewer.email
        assert me["organization"]["id"] == str(viewer.principal.org_id)
        assert me["organization"]["role"] == "viewer"
        assert [one["role"] for one in me["organizations"]] == ["viewer", "admin"]

    async def test_tells_what_the_caller_may_do(
        self, client: AsyncClient, town: Town, org_id: UUID, viewer: Caller
    ) -> None:
        operator = await town.settle(org_id, Role.ADMIN, is_operator=True)
        key = await town.key(operator, scopes=[KeyScope.CHAT])
        told = {
            name: (await client.get("/api/v1/me", headers=caller.headers)).json()["permissions"]
            for name, caller in (("viewer", viewer), ("operator", operator), ("key", key))
        }

        assert told["viewer"] == sorted(viewer.principal.permissions)
        assert "runs:write" not in told["viewer"]
        assert set(told["operator"]) == set(Permission)
        assert told["key"] == sorted(key.principal.permissions)
        assert {"runs:write"} < set(told["key"]) < set(told["operator"])

    async def test_works_with_a_key(self, client: AsyncClient, town: Town, member: Caller) -> None:
        key = await town.key(member)

        me = (await client.get("/api/v1/me", headers=key.headers)).json()

        assert me["organization"]["id"] == str(member.principal.org_id)
        assert len(me["organizations"]) == 2

    async def test_changes_name_and_language(self, client: AsyncClient, member: Caller) -> None:
        first = await client.patch(
            "/api/v1/me", json={"name": " Ana Souza ", "locale": "pt-BR"}, headers=member.headers
        )
        second = await client.patch("/api/v1/me", json={"locale": None}, headers=member.headers)

        assert (first.json()["name"], first.json()["locale"]) == ("Ana Souza", "pt-BR")
        assert (second.json()["name"], second.json()["locale"]) == ("Ana Souza", None)
        assert (await client.get("/api/v1/me", headers=member.headers)).json()["user"] == second.json()

    async def test_keeps_the_time_zone_of_the_caller(self, client: AsyncClient, member: Caller) -> None:
        changed = await client.patch("/api/v1/me", json={"time_zone": "America/Sao_Paulo"}, headers=member.headers)

        assert changed.json()["time_zone"] == "America/Sao_Paulo"
        assert (await client.get("/api/v1/me", headers=member.headers)).json()["user"] == changed.json()

    @pytest.mark.parametrize(
        "body",
        [
            {"is_operator": True},
            {"email": "x@example.org"},
            {"password_hash": "x"},
            {"id": str(uuid4())},
            {"suspended_at": None},
            {"name": ""},
            {"name": None},
            {"locale": "xx"},
            {"time_zone": "Mars/Olympus"},
            {"time_zone": "../../etc/passwd"},
            {"time_zone": ""},
            {"name": "x" * 101},
            {"name": "a\x00b"},
        ],
    )
    async def test_refuses_everything_else(self, client: AsyncClient, member: Caller, body: dict[str, object]) -> None:
        assert (await client.patch("/api/v1/me", json=body, headers=member.headers)).status_code == 422


class TestChangePassword:
    async def change(self, client: AsyncClient, caller: Caller, current: str, new: str) -> Response:
        body = {"current_password": current, "new_password": new}
        return await client.post("/api/v1/me/password", json=body, headers=caller.headers)

    async def test_ends_the_other_logins_and_keeps_this_one(
        self, client: AsyncClient, town: Town, member: Caller
    ) -> None:
        other = await town.sign_in(member.principal, member.email)

        response = await self.change(client, member, PASSWORD, "another password")

        assert (response.status_code, response.headers["coda-api-keys"]) == (204, "0")
        assert (await client.get("/api/v1/me", headers=member.headers)).status_code == 200
        assert (await client.get("/api/v1/me", headers=other.headers)).status_code == 401
        for password, status in ((PASSWORD, 401), ("another password", 200)):
            login = await client.post("/api/v1/auth/login", json={"email": member.email, "password": password})
            assert login.status_code == status

    async def test_wants_the_present_one_and_shuts_after_ten_guesses(self, client: AsyncClient, member: Caller) -> None:
        for _ in range(10):
            response = await self.change(client, member, "a guess", "another password")
            assert (response.status_code, code_of(response)) == (403, "identity.wrong_password")

        assert (await self.change(client, member, PASSWORD, "another password")).status_code == 429

    async def test_keeps_the_keys_and_tells_how_many_there_are(
        self, client: AsyncClient, town: Town, member: Caller, stranger: Caller
    ) -> None:
        keys = [await town.key(member) for _ in range(2)]
        await town.key(stranger)

        response = await self.change(client, member, PASSWORD, "another password")

        assert response.headers["coda-api-keys"] == "2"
        assert (await client.get("/api/v1/me", headers=keys[0].headers)).status_code == 200

    async def test_refuses_a_short_one(self, client: AsyncClient, member: Caller) -> None:
        assert (await self.change(client, member, PASSWORD, "short")).status_code == 422

    async def test_is_not_for_keys(self, client: AsyncClient, town: Town, member: Caller) -> None:
        response = await self.change(client, await town.key(member), PASSWORD, "another password")

        assert (response.status_code, code_of(response)) == (403, "organizations.needs_login")


class TestLogins:
    async def test_lists_the_live_ones_newest_first(
        self, client: AsyncClient, town: Town, member: Caller, stranger: Caller
    ) -> None:
        second = await town.sign_in(member.principal, member.email)
        ended = await town.sign_in(member.principal, member.email)
        idle = await town.sign_in(member.principal, member.email)
        await client.delete(f"/api/v1/me/logins/{ended.principal.login_id}", headers=member.headers)
        await town.execute(
            "update logins set last_used_at = now() - interval '31 days' where id = :id", id=idle.principal.login_id
        )

        page = (await client.get("/api/v1/me/logins?limit=1", headers=member.headers)).json()
        rest = await client.get("/api/v1/me/logins", params={"cursor": page["next_cursor"]}, headers=member.headers)

        shown = [*page["items"], *rest.json()["items"]]
        assert [one["id"] for one in shown] == [str(second.principal.login_id), str(member.principal.login_id)]
        assert [one["current"] for one in shown] == [False, True]
        assert (shown[0]["address"], shown[0]["user_agent"]) == ("192.0.2.7", "a test")
        assert rest.json()["next_cursor"] is None

    async def test_ending_one_is_felt_at_once(self, client: AsyncClient, town: Town, member: Caller) -> None:
        other = await town.sign_in(member.principal, member.email)
        path = f"/api/v1/me/logins/{other.principal.login_id}"

        assert (await client.delete(path, headers=member.headers)).status_code == 204
        assert (await client.get("/api/v1/me", headers=other.headers)).status_code == 401
        assert (await client.delete(path, headers=member.headers)).status_code == 404

    async def test_those_of_others_are_answered_like_none(
        self, client: AsyncClient, member: Caller, stranger: Caller
    ) -> None:
        foreign = await client.delete(f"/api/v1/me/logins/{stranger.principal.login_id}", headers=member.headers)

        assert (foreign.status_code, code_of(foreign)) == (404, "identity.login_not_found")
        assert (await client.get("/api/v1/me", headers=stranger.headers)).status_code == 200
