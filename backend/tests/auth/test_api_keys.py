"""The caller's API keys."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response

from coda.access.key_scopes import KeyScope
from tests.callers import Caller, Town


def code_of(response: Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


class TestApiKeys:
    async def test_is_shown_once_and_opens_the_house(self, client: AsyncClient, member: Caller) -> None:
        made = await client.post("/api/v1/api-keys", json={"name": "script"}, headers=member.headers)

        key = made.json()
        assert made.status_code == 201
        assert key["key"].startswith("sk-coda-")
        assert key["key"].startswith(key["prefix"])
        assert len(key["prefix"]) < 16
        listed = (await client.get("/api/v1/api-keys", headers=member.headers)).json()
        assert listed["items"] == [{name: value for name, value in key.items() if name != "key"}]
        me = await client.get("/api/v1/me", headers={"Authorization": f"bearer {key['key']}"})
        assert me.json()["user"]["email"] == member.email

    async def test_has_all_scopes_where_none_are_named(self, client: AsyncClient, member: Caller) -> None:
        made = await client.post("/api/v1/api-keys", json={"name": "script"}, headers=member.headers)

        assert made.json()["scopes"] == ["read", "chat", "admin"]

    async def test_shows_the_scopes_that_it_was_given_each_once(self, client: AsyncClient, member: Caller) -> None:
        body = {"name": "script", "scopes": ["chat", "read", "chat"]}
        made = await client.post("/api/v1/api-keys", json=body, headers=member.headers)

        listed = (await client.get("/api/v1/api-keys", headers=member.headers)).json()["items"]
        assert made.json()["scopes"] == listed[0]["scopes"] == ["read", "chat"]

    async def test_is_told_the_scope_that_it_lacks(self, client: AsyncClient, town: Town, admin: Caller) -> None:
        key = await town.key(admin, scopes=[KeyScope.CHAT])

        change = {"default_model": "demo/coda"}
        response = await client.patch("/api/v1/organization/settings", json=change, headers=key.headers)

        assert (response.status_code, code_of(response)) == (403, "organizations.missing_scope")
        assert response.json()["error"]["details"] == {"scope": "admin"}

    async def test_loses_a_scope_with_the_next_request(self, client: AsyncClient, town: Town, member: Caller) -> None:
        key = await town.key(member)
        before = (await client.get("/api/v1/me", headers=key.headers)).json()["permissions"]
        await town.execute("update api_keys set scopes = '{read}'", member.principal.scope)

        now = (await client.get("/api/v1/me", headers=key.headers)).json()["permissions"]
        assert "runs:write" in before
        assert set(now) == {name for name in before if name.endswith(":read")}

    async def test_notes_its_use_at_most_once_a_minute(self, client: AsyncClient, town: Town, member: Caller) -> None:
        key = await town.key(member)

        async def last_use() -> str | None:
            items = (await client.get("/api/v1/api-keys", headers=member.headers)).json()["items"]
            moment: str | None = items[0]["last_used_at"]
            return moment

        assert await last_use() is None
        await client.get("/api/v1/me", headers=key.headers)
        first = await last_use()
        await client.get("/api/v1/me", headers=key.headers)
        assert first is not None
        assert await last_use() == first
        await town.execute(
            "update api_keys set last_used_at = last_used_at - interval '61 seconds'", member.principal.scope
        )
        await client.get("/api/v1/me", headers=key.headers)
        assert (await last_use() or "") > first

    async def test_revoked_or_expired_opens_nothing(self, client: AsyncClient, town: Town, member: Caller) -> None:
        revoked = await town.key(member)
        path = f"/api/v1/api-keys/{revoked.principal.api_key_id}"
        assert (await client.delete(path, headers=member.headers)).status_code == 204
        assert (await client.delete(path, headers=member.headers)).status_code == 404
        expired = await town.key(member, expires_at=datetime.now(UTC) + timedelta(days=1))
        assert (await client.get("/api/v1/me", headers=expired.headers)).status_code == 200
        await town.execute(
            "update api_keys set expires_at = now() where id = :id",
            member.principal.scope,
            id=expired.principal.api_key_id,
        )

        for key in (revoked, expired):
            response = await client.get("/api/v1/me", headers=key.headers)
            assert (response.status_code, code_of(response)) == (401, "organizations.invalid_api_key")
        listed = (await client.get("/api/v1/api-keys", headers=member.headers)).json()["items"]
        assert [one["id"] for one in listed] == [str(expired.principal.api_key_id)]

    async def test_those_of_others_are_answered_like_none(
        self, client: AsyncClient, town: Town, member: Caller, admin: Caller, stranger: Caller
    ) -> None:
        path = f"/api/v1/api-keys/{(await town.key(member)).principal.api_key_id}"
        for other in (admin, stranger):
            response = await client.delete(path, headers=other.headers)
            assert (response.status_code, code_of(response)) == (404, "organizations.api_key_not_found")
            assert (await client.get("/api/v1/api-keys", headers=other.headers)).json()["items"] == []

    async def test_a_key_makes_no_keys(self, client: AsyncClient, town: Town, admin: Caller) -> None:
        key = await town.key(admin)

        response = await client.post("/api/v1/api-keys", json={"name": "more"}, headers=key.headers)

        assert (response.status_code, code_of(response)) == (403, "organizations.needs_login")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": " "},
            {"name": "x" * 101},
            {"name": "x", "expires_at": "2020-01-01T00:00:00Z"},
            {"name": "x", "expires_at": "2099-01-01T00:00:00"},
            {"name": "x", "user_id": str(uuid4())},
            {"name": "x", "org_id": str(uuid4())},
            {"name": "x", "key": "sk-coda-mine"},
            {"name": "x", "scopes": []},
            {"name": "x", "scopes": None},
            {"name": "x", "scopes": "chat"},
            {"name": "x", "scopes": ["chat", "everything"]},
            {"name": "x", "scopes": ["Chat"]},
        ],
    )
    async def test_refuses_what_makes_no_sense(
        self, client: AsyncClient, member: Caller, body: dict[str, object]
    ) -> None:
        assert (await client.post("/api/v1/api-keys", json=body, headers=member.headers)).status_code == 422
