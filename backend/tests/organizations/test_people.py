"""Settings > People: invitations, roles, suspension."""

from typing import Any
from uuid import UUID, uuid4

import anyio
import pytest
from httpx import AsyncClient, Response

from coda.access.roles import Role
from coda.organizations.types import OrganizationKind
from tests.callers import PASSWORD, Caller, Town


async def change(client: AsyncClient, actor: Caller, user_id: UUID, **fields: object) -> Response:
    return await client.patch(f"/api/v1/people/{user_id}", json=fields, headers=actor.headers)


async def invite(client: AsyncClient, actor: Caller, email: str, role: str = "member") -> Response:
    return await client.post("/api/v1/people/invites", json={"email": email, "role": role}, headers=actor.headers)


async def accept(client: AsyncClient, token: str, **fields: str) -> Response:
    body = {"token": token, "name": "New Person", "password": PASSWORD} | fields
    return await client.post("/api/v1/auth/invite", json=body)


def token_of(invited: Response) -> str:
    link: str = invited.json()["link"]
    return link.partition("?token=")[2]


def code_of(response: Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


async def everything(client: AsyncClient, path: str, actor: Caller, limit: int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(path, params=params, headers=actor.headers)).json()
        assert len(page["items"]) <= limit
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


class TestListPeople:
    async def test_shows_the_members_by_name_page_by_page_and_nobody_else(
        self, client: AsyncClient, town: Town, org_id: UUID, admin: Caller, stranger: Caller
    ) -> None:
        members = [await town.settle(org_id, role) for role in (Role.MEMBER, Role.VIEWER, Role.MEMBER, Role.ADMIN)]

        shown = await everything(client, "/api/v1/people", admin, 2)

        assert {one["user_id"] for one in shown} == {str(one.principal.user_id) for one in [admin, *members]}
        assert [one["name"] for one in shown] == sorted(one["name"] for one in shown)
        assert set(shown[0]) == {"user_id", "email", "name", "role", "status", "joined_at"}

    @pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJhIl0", "WyJhIiwiYiJd", "é"])
    async def test_refuses_a_cursor_of_nobodys(self, client: AsyncClient, admin: Caller, cursor: str) -> None:
        response = await client.get("/api/v1/people", params={"cursor": cursor}, headers=admin.headers)

        assert (response.status_code, code_of(response)) == (422, "core.invalid_cursor")


class TestInvite:
    async def test_lets_one_person_in_with_the_role_that_was_chosen(
        self, client: AsyncClient, admin: Caller, org_id: UUID
    ) -> None:
        email = f"{uuid4().hex}@example.org"
        invited = await invite(client, admin, email, "viewer")
        assert invited.status_code == 201
        assert invited.json()["link"].startswith("http://coda.lan:8000/invite?token=")
        link = await client.get(f"/api/v1/auth/links/{token_of(invited)}")
        assert (link.json()["purpose"], link.json()["email"]) == ("invite", email)
        assert link.json()["organization"].startswith("Org ")

        response = await accept(client, token_of(invited))

        assert response.status_code == 201
        assert "coda_refresh=" in response.headers["set-cookie"]
        bearer = {"Authorization": f"Bearer {response.json()['access_token']}"}
        me = (await client.get("/api/v1/me", headers=bearer)).json()
        assert (me["user"]["email"], me["user"]["name"]) == (email, "New Person")
        assert (me["organization"]["id"], me["organization"]["role"]) == (str(org_id), "viewer")
        assert {one["kind"] for one in me["organizations"]} == {"shared", "personal"}
        assert (await accept(client, token_of(invited))).status_code == 410

    async def test_an_address_that_looks_like_another_is_shown_as_such(
        self, client: AsyncClient, admin: Caller
    ) -> None:
        plain = (await invite(client, admin, f"{uuid4().hex}@example.org")).json()
        accented = (await invite(client, admin, f"{uuid4().hex}@b\u00fccher.example")).json()
        disguised = (await invite(client, admin, "ada@\u0435\u0445\u0430m\u0440l\u0435.org")).json()

        assert (plain["looks_like"], plain["ascii_domain"]) == (None, None)
        assert (accented["looks_like"], accented["ascii_domain"]) == (None, "xn--bcher-kva.example")
        assert (disguised["looks_like"], disguised["ascii_domain"]) == ("ada@example.org", "xn--ml-6kctd8d6a.org")
        listed = await everything(client, "/api/v1/people/invites", admin, 10)
        assert [one["looks_like"] for one in listed if one["email"] == disguised["email"]] == ["ada@example.org"]

    async def test_redeemed_twice_at_once_lets_one_in(self, client: AsyncClient, admin: Caller) -> None:
        token = token_of(await invite(client, admin, f"{uuid4().hex}@example.org"))
        statuses: list[int] = []

        async def redeem() -> None:
            statuses.append((await accept(client, token)).status_code)

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(redeem)

        assert sorted(statuses) == [201, 410, 410, 410]

    async def test_link_uses_the_public_url(
        self,
        client: AsyncClient,
        admin: Caller,
        app: Any,  # noqa: ANN401 - only its state is touched
    ) -> None:
        app.state.settings = app.state.settings.model_copy(update={"public_url": "https://chat.example.org/"})

        response = await invite(client, admin, f"{uuid4().hex}@example.org")

        assert response.json()["link"].startswith("https://chat.example.org/invite?token=")

    async def test_is_not_made_for_a_host_that_the_server_does_not_listen_on(
        self, client: AsyncClient, admin: Caller
    ) -> None:
        email = f"{uuid4().hex}@example.org"

        refused = await client.post(
            "/api/v1/people/invites",
            json={"email": email, "role": "member"},
            headers=admin.headers | {"Host": "evil.example"},
        )

        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "core.public_url_needed")
        assert "CODA_PUBLIC_URL" in refused.json()["error"]["message"]
        listed = await client.get("/api/v1/people/invites", headers=admin.headers)
        assert email not in listed.text

    async def test_replaces_an_earlier_one_and_is_listed_until_used(
        self, client: AsyncClient, admin: Caller, stranger: Caller
    ) -> None:
        email = f"{uuid4().hex}@example.org"
        first, second = [await invite(client, admin, email.upper()), await invite(client, admin, email)]
        await invite(client, stranger, f"{uuid4().hex}@example.org")

        listed = await everything(client, "/api/v1/people/invites", admin, 1)

        assert [(one["id"], one["email"]) for one in listed] == [(second.json()["id"], email)]
        assert "token" not in str(listed)
        assert (await accept(client, token_of(first))).status_code == 404
        await accept(client, token_of(second))
        assert await everything(client, "/api/v1/people/invites", admin, 1) == []

    async def test_can_be_taken_back_by_its_own_organization_only(
        self, client: AsyncClient, admin: Caller, stranger: Caller
    ) -> None:
        invited = await invite(client, admin, f"{uuid4().hex}@example.org")
        path = f"/api/v1/people/invites/{invited.json()['id']}"

        foreign = await client.delete(path, headers=stranger.headers)
        unknown = await client.delete(f"/api/v1/people/invites/{uuid4()}", headers=stranger.headers)

        assert (foreign.status_code, code_of(foreign)) == (unknown.status_code, code_of(unknown))
        assert foreign.status_code == 404
        assert (await client.delete(path, headers=admin.headers)).status_code == 204
        assert (await client.delete(path, headers=admin.headers)).status_code == 404
        assert (await accept(client, token_of(invited))).status_code == 404

    async def test_of_somebody_who_is_here_is_409(self, client: AsyncClient, admin: Caller, member: Caller) -> None:
        response = await invite(client, admin, member.email.upper())

        assert (response.status_code, code_of(response)) == (409, "identity.email_taken")

    async def test_is_void_once_somebody_took_the_address(
        self, client: AsyncClient, admin: Caller, stranger: Caller
    ) -> None:
        email = f"{uuid4().hex}@example.org"
        ours, theirs = [token_of(await invite(client, one, email)) for one in (admin, stranger)]
        assert (await accept(client, theirs)).status_code == 201

        response = await accept(client, ours)

        assert (response.status_code, code_of(response)) == (409, "identity.email_taken")

    async def test_needs_a_shared_organization(self, client: AsyncClient, town: Town) -> None:
        owner = await town.settle(await town.found(OrganizationKind.PERSONAL), Role.ADMIN)

        response = await invite(client, owner, f"{uuid4().hex}@example.org")

        assert (response.status_code, code_of(response)) == (409, "organizations.personal")

    async def test_cannot_be_made_with_a_key_whose_end_it_would_outlive(
        self, client: AsyncClient, town: Town, admin: Caller
    ) -> None:
        response = await invite(client, await town.key(admin), f"{uuid4().hex}@example.org")

        assert (response.status_code, code_of(response)) == (403, "organizations.needs_login")

    async def test_dies_with_the_rights_of_who_sent_it(
        self, client: AsyncClient, town: Town, org_id: UUID, admin: Caller
    ) -> None:
        second = await town.settle(org_id, Role.ADMIN)
        token = token_of(await invite(client, second, f"{uuid4().hex}@example.org", "admin"))
        await change(client, admin, second.principal.user_id, role="member")

        assert (await accept(client, token)).status_code == 404

    @pytest.mark.parametrize(
        "body",
        [
            {"email": "a@b.org"},
            {"email": "a@b.org", "role": "operator"},
            {"email": "a@b.org", "role": "member", "org_id": str(uuid4())},
            {"email": "nonsense", "role": "member"},
            {"email": "a b@c.org", "role": "member"},
            {"email": f"{'x' * 250}@b.org", "role": "member"},
        ],
    )
    async def test_refuses_what_it_does_not_know(
        self, client: AsyncClient, admin: Caller, body: dict[str, str]
    ) -> None:
        response = await client.post("/api/v1/people/invites", json=body, headers=admin.headers)

        assert response.status_code == 422

    @pytest.mark.parametrize(
        "extra", [{"email": "other@example.org"}, {"role": "admin"}, {"is_operator": "true"}, {"name": "  "}]
    )
    async def test_the_guest_chooses_neither_address_nor_role(
        self, client: AsyncClient, admin: Caller, extra: dict[str, str]
    ) -> None:
        token = token_of(await invite(client, admin, f"{uuid4().hex}@example.org"))

        assert (await accept(client, token, **extra)).status_code == 422
        assert (await accept(client, token)).status_code == 201


class TestChangePerson:
    async def test_changes_the_role_at_once(self, client: AsyncClient, admin: Caller, member: Caller) -> None:
        response = await change(client, admin, member.principal.user_id, role="admin")

        assert (response.status_code, response.json()["role"]) == (200, "admin")
        assert (await client.get("/api/v1/people", headers=member.headers)).status_code == 200

    async def test_suspension_ends_logins_and_keys_at_once(
        self, client: AsyncClient, town: Town, admin: Caller, member: Caller
    ) -> None:
        key = await town.key(member)
        assert (await client.get("/api/v1/me", headers=key.headers)).status_code == 200

        response = await change(client, admin, member.principal.user_id, status="suspended")

        assert response.json()["status"] == "suspended"
        for caller in (member, key):
            assert (await client.get("/api/v1/me", headers=caller.headers)).status_code == 401
        cookie = {"Cookie": f"coda_refresh={member.refresh_token}"}
        assert (await client.post("/api/v1/auth/refresh", headers=cookie)).status_code == 401
        login = await client.post("/api/v1/auth/login", json={"email": member.email, "password": PASSWORD})
        assert login.status_code == 403

    async def test_whoever_is_let_back_in_signs_in_again(
        self, client: AsyncClient, town: Town, admin: Caller, member: Caller
    ) -> None:
        key = await town.key(member)
        await change(client, admin, member.principal.user_id, status="suspended")
        await change(client, admin, member.principal.user_id, status="active")

        for caller in (member, key):
            assert (await client.get("/api/v1/me", headers=caller.headers)).status_code == 401
        login = await client.post("/api/v1/auth/login", json={"email": member.email, "password": PASSWORD})
        assert login.status_code == 200

    async def test_the_last_administrator_stays(self, client: AsyncClient, admin: Caller, member: Caller) -> None:
        response = await change(client, admin, admin.principal.user_id, role="member")

        assert (response.status_code, code_of(response)) == (409, "organizations.last_admin")
        await change(client, admin, member.principal.user_id, role="admin")
        assert (await change(client, admin, admin.principal.user_id, role="member")).status_code == 200

    async def test_two_administrators_cannot_demote_each_other_at_once(
        self, client: AsyncClient, town: Town, org_id: UUID, admin: Caller
    ) -> None:
        second = await town.settle(org_id, Role.ADMIN)
        statuses: list[int] = []

        async def demote(actor: Caller, other: Caller) -> None:
            statuses.append((await change(client, actor, other.principal.user_id, role="viewer")).status_code)

        async with anyio.create_task_group() as group:
            group.start_soon(demote, admin, second)
            group.start_soon(demote, second, admin)

        assert sorted(statuses) == [200, 403]

    async def test_nobody_suspends_themself(self, client: AsyncClient, town: Town, admin: Caller) -> None:
        await town.settle(admin.principal.org_id, Role.ADMIN)

        response = await change(client, admin, admin.principal.user_id, status="suspended")

        assert (response.status_code, code_of(response)) == (409, "organizations.own_account")

    @pytest.mark.parametrize(
        "fields",
        [{"status": "suspended"}, {"role": "member"}, {"role": "viewer"}, {"role": "viewer", "status": "active"}],
    )
    async def test_an_operator_is_suspended_and_demoted_by_operators_only(
        self, client: AsyncClient, town: Town, admin: Caller, fields: dict[str, object]
    ) -> None:
        operators = [await town.settle(admin.principal.org_id, Role.ADMIN, is_operator=True) for _ in range(2)]

        refused = await change(client, admin, operators[0].principal.user_id, **fields)
        done = await change(client, operators[1], operators[0].principal.user_id, **fields)

        assert (refused.status_code, code_of(refused)) == (403, "organizations.operators_only")
        assert done.status_code == 200

    async def test_an_operator_who_is_no_administrator_here_is_demoted_by_operators_only(
        self, client: AsyncClient, town: Town, admin: Caller
    ) -> None:
        operator = await town.settle(admin.principal.org_id, Role.MEMBER, is_operator=True)

        demoted = await change(client, admin, operator.principal.user_id, role="viewer")
        promoted = await change(client, admin, operator.principal.user_id, role="admin")

        assert (demoted.status_code, code_of(demoted)) == (403, "organizations.operators_only")
        assert (promoted.status_code, promoted.json()["role"]) == (200, "admin")

    async def test_needs_a_login(self, client: AsyncClient, town: Town, admin: Caller, member: Caller) -> None:
        key = await town.key(admin)

        response = await change(client, key, member.principal.user_id, role="admin")

        assert (response.status_code, code_of(response)) == (403, "organizations.needs_login")
        assert (await client.get("/api/v1/people", headers=key.headers)).status_code == 200

    async def test_people_elsewhere_are_answered_like_nobody(
        self, client: AsyncClient, admin: Caller, stranger: Caller
    ) -> None:
        foreign = await change(client, admin, stranger.principal.user_id, role="viewer")
        unknown = await change(client, admin, uuid4(), role="viewer")

        assert (foreign.status_code, code_of(foreign)) == (unknown.status_code, code_of(unknown))
        assert (foreign.status_code, code_of(foreign)) == (404, "organizations.person_not_found")
        assert (await client.get("/api/v1/people", headers=stranger.headers)).status_code == 200

    @pytest.mark.parametrize(
        "fields", [{"is_operator": True}, {"email": "x@y.org"}, {"role": "owner"}, {"status": "gone"}, {"org_id": "x"}]
    )
    async def test_refuses_privileged_and_unknown_fields(
        self, client: AsyncClient, admin: Caller, member: Caller, fields: dict[str, object]
    ) -> None:
        assert (await change(client, admin, member.principal.user_id, **fields)).status_code == 422

    async def test_changes_nothing_where_nothing_is_asked(
        self, client: AsyncClient, admin: Caller, member: Caller
    ) -> None:
        response = await change(client, admin, member.principal.user_id)

        assert (response.json()["role"], response.json()["status"]) == ("member", "active")
