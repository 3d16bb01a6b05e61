"""Signing in, staying signed in, signing out, over HTTP."""

from datetime import timedelta
from http.cookies import SimpleCookie
from uuid import UUID, uuid4

import anyio
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, Response

from coda.access.roles import Role
from coda.auth.dependencies import DEVICE_COOKIE
from coda.auth.endpoints.sign_in import COOKIE
from coda.core.db import Database
from coda.core.security import AccessTokens
from coda.core.settings import Settings
from coda.organizations.types import OrganizationKind
from tests.auth.site import make_app, make_client
from tests.callers import PASSWORD, Caller, Town


async def log_in(client: AsyncClient, email: str, password: str = PASSWORD, **extra: str) -> Response:
    return await client.post("/api/v1/auth/login", json={"email": email, "password": password}, headers=extra)


async def refresh(client: AsyncClient, token: str | None, json: object = None, **headers: str) -> Response:
    client.cookies.clear()
    cookies = {"Cookie": f"{COOKIE}={token}"} if token else {}
    return await client.post("/api/v1/auth/refresh", json=json, headers=headers | cookies)


def cookie_of(response: Response) -> SimpleCookie:
    return SimpleCookie(next(text for text in response.headers.get_list("set-cookie") if text.startswith(COOKIE)))


def device_of(response: Response) -> str:
    texts = [text for text in response.headers.get_list("set-cookie") if text.startswith(DEVICE_COOKIE)]
    return SimpleCookie(texts[0])[DEVICE_COOKIE].value


def token_of(response: Response) -> str:
    return cookie_of(response)[COOKIE].value


def code_of(response: Response) -> str:
    code: str = response.json()["error"]["code"]
    return code


async def me(client: AsyncClient, bearer: str) -> Response:
    return await client.get("/api/v1/me", headers={"Authorization": f"Bearer {bearer}"})


class TestLogIn:
    async def test_gives_a_token_that_opens_the_house(self, client: AsyncClient, member: Caller) -> None:
        response = await log_in(client, member.email)

        assert response.status_code == 200
        body = response.json()
        assert (body["token_type"], body["expires_in"], body["user"]["email"]) == ("bearer", 900, member.email)
        assert set(body) == {"access_token", "token_type", "expires_in", "user"}
        assert set(body["user"]) == {"id", "email", "name", "locale", "time_zone", "is_operator", "created_at"}
        assert (await me(client, body["access_token"])).json()["user"]["id"] == str(member.principal.user_id)

    async def test_email_is_read_whatever_its_case(self, client: AsyncClient, member: Caller) -> None:
        assert (await log_in(client, f"  {member.email.upper()} ")).status_code == 200

    async def test_unknown_account_and_wrong_password_are_answered_alike(
        self, client: AsyncClient, member: Caller
    ) -> None:
        wrong = await log_in(client, member.email, "not the password")
        unknown = await log_in(client, "nobody@example.org", "not the password")
        nonsense = await log_in(client, "not an address", "not the password")

        assert wrong.status_code == unknown.status_code == nonsense.status_code == 401
        assert wrong.json() == unknown.json() == nonsense.json()
        assert code_of(wrong) == "identity.invalid_credentials"

    async def test_suspended_account_is_told_after_the_right_password_only(
        self, client: AsyncClient, town: Town, member: Caller
    ) -> None:
        await town.execute("update users set suspended_at = now() where id = :id", id=member.principal.user_id)

        assert code_of(await log_in(client, member.email, "wrong password")) == "identity.invalid_credentials"
        response = await log_in(client, member.email)
        assert (response.status_code, code_of(response)) == (403, "identity.account_suspended")

    async def test_starts_where_the_person_worked_last(self, client: AsyncClient, town: Town, member: Caller) -> None:
        own = await own_organization(client, member)
        assert (await refresh(client, member.refresh_token, {"organization_id": own})).status_code == 200

        bearer = (await log_in(client, member.email)).json()["access_token"]

        assert (await me(client, bearer)).json()["organization"]["id"] == own

    @pytest.mark.parametrize(
        "body",
        [
            {"email": "a@b.org"},
            {"email": "a@b.org", "password": ""},
            {"email": "a@b.org", "password": "x" * 257},
            {"email": "a@b.org", "password": "x", "is_operator": True},
            {"email": 1, "password": "x"},
            [],
            None,
        ],
    )
    async def test_refuses_what_it_does_not_know(self, client: AsyncClient, body: object) -> None:
        response = await client.post("/api/v1/auth/login", json=body)

        assert (response.status_code, code_of(response)) == (422, "core.invalid_request")

    async def test_never_repeats_the_password(self, client: AsyncClient) -> None:
        response = await client.post("/api/v1/auth/login", json={"email": "a@b.org", "password": ["canary-4711"]})

        assert response.status_code == 422
        assert "canary-4711" not in response.text


class TestThrottle:
    async def test_an_account_is_shut_after_ten_failures_and_says_when_it_opens(
        self, client: AsyncClient, member: Caller
    ) -> None:
        for _ in range(10):
            assert (await log_in(client, member.email, "guess")).status_code == 401

        response = await log_in(client, member.email)

        assert (response.status_code, code_of(response)) == (429, "core.too_many_attempts")
        assert 0 < int(response.headers["retry-after"]) <= 900
        assert response.json()["error"]["details"]["retry_after"] == int(response.headers["retry-after"])

    async def test_a_device_of_the_owner_still_gets_in(
        self, client: AsyncClient, member: Caller, viewer: Caller
    ) -> None:
        device = device_of(await log_in(client, member.email))
        client.cookies.clear()
        for _ in range(10):
            await log_in(client, member.email, "guess")
        assert (await log_in(client, member.email)).status_code == 429

        known = await log_in(client, member.email, Cookie=f"{DEVICE_COOKIE}={device}")
        assert known.status_code == 200
        assert [text for text in known.headers.get_list("set-cookie") if text.startswith(DEVICE_COOKIE)] == []
        for wrong in (device[:-1], device_of(await log_in(client, viewer.email)), "x.y", "x" * 300):
            client.cookies.clear()
            assert (await log_in(client, member.email, Cookie=f"{DEVICE_COOKIE}={wrong}")).status_code == 429

    async def test_guesses_on_a_known_device_are_counted_too(self, client: AsyncClient, member: Caller) -> None:
        await log_in(client, member.email)  # the client keeps the cookie

        assert [(await log_in(client, member.email, "guess")).status_code for _ in range(11)] == [401] * 10 + [429]

    async def test_an_address_that_postgres_reads_as_the_same_is_counted_as_the_same(
        self, client: AsyncClient, viewer: Caller
    ) -> None:
        disguised = viewer.email.replace("i", "\u0130", 1)
        assert (await log_in(client, disguised)).status_code == 200
        client.cookies.clear()
        for number in range(10):
            await log_in(client, (viewer.email, disguised)[number % 2], "guess")

        assert (await log_in(client, viewer.email)).status_code == 429
        assert (await log_in(client, disguised)).status_code == 429

    async def test_parallel_guesses_count_each(self, client: AsyncClient, member: Caller) -> None:
        statuses: list[int] = []

        async def guess() -> None:
            statuses.append((await log_in(client, member.email, "guess")).status_code)

        async with anyio.create_task_group() as group:
            for _ in range(14):
                group.start_soon(guess)

        assert sorted(statuses) == [401] * 10 + [429] * 4

    async def test_good_sign_ins_use_nothing_up(self, client: AsyncClient, member: Caller) -> None:
        for _ in range(12):
            assert (await log_in(client, member.email)).status_code == 200

    async def test_an_address_is_shut_for_all_accounts(self, database: Database, settings: Settings) -> None:
        few = settings.model_copy(update={"identity": settings.identity.model_copy(update={"attempts_per_address": 3})})
        app = make_app(database, few)
        async with make_client(app, address="203.0.113.5") as guesser, make_client(app) as other:
            statuses = [(await log_in(guesser, f"{n}@example.org")).status_code for n in range(4)]
            assert statuses == [401, 401, 401, 429]
            assert (await log_in(other, "0@example.org")).status_code == 401

    async def test_one_ipv6_home_is_one_address(self, database: Database, settings: Settings) -> None:
        few = settings.model_copy(update={"identity": settings.identity.model_copy(update={"attempts_per_address": 1})})
        app = make_app(database, few)
        async with (
            make_client(app, address="2001:db8:1:2::1") as one,
            make_client(app, address="2001:db8:1:2::9") as two,
        ):
            assert (await log_in(one, "1@example.org")).status_code == 401
            assert (await log_in(two, "2@example.org")).status_code == 429


class TestCookie:
    async def test_is_out_of_reach_of_scripts_and_other_sites(self, client: AsyncClient, member: Caller) -> None:
        cookie = cookie_of(await log_in(client, member.email))[COOKIE]

        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/api/v1/auth")
        assert cookie["secure"] == ""
        assert int(cookie["max-age"]) == timedelta(days=30).total_seconds()

    async def test_is_secure_where_the_public_url_is_https(
        self, database: Database, settings: Settings, member: Caller
    ) -> None:
        app = make_app(database, settings.model_copy(update={"public_url": "https://chat.example.org"}))
        async with make_client(app, base_url="http://10.0.0.4:8000") as client:
            response = await log_in(client, member.email, Origin="https://chat.example.org")

        assert cookie_of(response)[COOKIE]["secure"] is True

    async def test_is_secure_behind_a_trusted_proxy_that_speaks_https(
        self, database: Database, settings: Settings, member: Caller
    ) -> None:
        app = make_app(database, settings.model_copy(update={"trusted_proxies": "10.0.0.0/8"}))
        forwarded = {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "chat.example.org",
            "X-Forwarded-For": "192.0.2.1",
        }
        async with make_client(app, address="10.0.0.9") as client:
            response = await log_in(client, member.email, Origin="https://chat.example.org", **forwarded)
        async with make_client(app, address="172.16.0.9") as client:
            unbelieved = await log_in(client, member.email, **forwarded)

        assert cookie_of(response)[COOKIE]["secure"] is True
        assert cookie_of(unbelieved)[COOKIE]["secure"] == ""


class TestOrigin:
    @pytest.mark.parametrize("path", ["login", "refresh", "logout", "setup", "invite", "reset"])
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "http://evil.example"},
            {"Origin": "http://coda.lan:8001"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "http://coda.lan:8000", "Sec-Fetch-Site": "cross-site"},
        ],
    )
    async def test_pages_of_others_are_refused(self, client: AsyncClient, path: str, headers: dict[str, str]) -> None:
        response = await client.post(f"/api/v1/auth/{path}", json={}, headers=headers)

        assert (response.status_code, code_of(response)) in {(403, "core.foreign_origin")}

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Origin": "http://coda.lan:8000"}, {"Origin": "http://coda.lan:8000", "Sec-Fetch-Site": "same-origin"}],
    )
    async def test_our_page_and_programs_are_served(
        self, client: AsyncClient, member: Caller, headers: dict[str, str]
    ) -> None:
        assert (await log_in(client, member.email, **headers)).status_code == 200


async def own_organization(client: AsyncClient, caller: Caller) -> str:
    organizations = (await me(client, caller.bearer)).json()["organizations"]
    own: str = next(one["id"] for one in organizations if one["kind"] == OrganizationKind.PERSONAL)
    return own


class TestRefresh:
    async def test_rotates_the_cookie_and_renews_the_token(self, client: AsyncClient, member: Caller) -> None:
        first = await refresh(client, member.refresh_token)
        second = await refresh(client, token_of(first))

        assert first.status_code == second.status_code == 200
        assert len({member.refresh_token, token_of(first), token_of(second)}) == 3
        assert (await me(client, second.json()["access_token"])).status_code == 200

    async def test_without_a_live_cookie_is_401(self, client: AsyncClient, member: Caller) -> None:
        for token in (None, "", "nonsense", member.bearer):
            response = await refresh(client, token)
            assert (response.status_code, code_of(response)) == (401, "identity.login_over")

    async def test_the_last_token_works_again_within_30_seconds(self, client: AsyncClient, member: Caller) -> None:
        await refresh(client, member.refresh_token)
        again = [await refresh(client, member.refresh_token) for _ in range(3)]

        assert [response.status_code for response in again] == [200] * 3
        assert (await refresh(client, token_of(again[-1]))).status_code == 200

    async def test_the_last_token_is_over_once_one_that_came_of_it_was_used(
        self, client: AsyncClient, member: Caller
    ) -> None:
        newest = token_of(await refresh(client, member.refresh_token))
        other = token_of(await refresh(client, member.refresh_token))
        assert (await refresh(client, newest)).status_code == 200

        assert (await refresh(client, member.refresh_token)).status_code == 401
        assert (await refresh(client, other)).status_code == 401
        assert (await me(client, member.bearer)).status_code == 401

    async def test_the_last_token_after_30_seconds_ends_the_login(
        self, client: AsyncClient, town: Town, member: Caller
    ) -> None:
        newest = token_of(await refresh(client, member.refresh_token))
        await town.execute(
            "update refresh_tokens set used_at = used_at - interval '31 seconds' where login_id = :id",
            id=member.principal.login_id,
        )

        assert (await refresh(client, member.refresh_token)).status_code == 401
        assert (await refresh(client, newest)).status_code == 401

    async def test_an_older_token_ends_the_login_at_once(self, client: AsyncClient, member: Caller) -> None:
        newest = token_of(await refresh(client, token_of(await refresh(client, member.refresh_token))))

        assert (await refresh(client, member.refresh_token)).status_code == 401
        assert (await refresh(client, newest)).status_code == 401

    async def test_of_two_tokens_from_one_only_one_goes_on(self, client: AsyncClient, member: Caller) -> None:
        one = token_of(await refresh(client, member.refresh_token))
        two = token_of(await refresh(client, member.refresh_token))

        assert (await refresh(client, two)).status_code == 200
        assert (await refresh(client, one)).status_code == 401
        assert (await me(client, member.bearer)).status_code == 401

    async def test_all_at_the_same_moment_go_on(self, client: AsyncClient, member: Caller) -> None:
        answers: list[Response] = []

        async def use() -> None:
            answers.append(await refresh(client, member.refresh_token))

        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(use)

        assert [answer.status_code for answer in answers] == [200] * 5
        assert len({token_of(answer) for answer in answers}) == 5

    async def test_an_expired_token_is_over(self, client: AsyncClient, town: Town, member: Caller) -> None:
        await town.execute(
            "update refresh_tokens set expires_at = now() where login_id = :id", id=member.principal.login_id
        )

        assert (await refresh(client, member.refresh_token)).status_code == 401

    async def test_changes_the_organization(self, client: AsyncClient, member: Caller) -> None:
        own = await own_organization(client, member)
        moved = await refresh(client, member.refresh_token, {"organization_id": own})
        organization = (await me(client, moved.json()["access_token"])).json()["organization"]
        stays = await refresh(client, token_of(moved))

        assert (organization["id"], organization["role"]) == (own, "admin")
        assert (await me(client, stays.json()["access_token"])).json()["organization"]["id"] == own

    async def test_an_organization_of_others_is_answered_like_none(
        self, client: AsyncClient, member: Caller, stranger: Caller
    ) -> None:
        def shape(response: Response) -> tuple[int, str, str]:
            error = response.json()["error"]
            return response.status_code, error["code"], error["message"]

        theirs = await refresh(client, member.refresh_token, {"organization_id": str(stranger.principal.org_id)})
        none = await refresh(client, member.refresh_token, {"organization_id": str(uuid4())})

        assert shape(theirs) == shape(none)
        assert theirs.status_code == 403
        assert (await refresh(client, member.refresh_token)).status_code == 200

    async def test_leaves_an_organization_that_no_longer_lets_in(
        self, client: AsyncClient, town: Town, member: Caller
    ) -> None:
        await town.execute(
            "update memberships set status = 'suspended' where user_id = :id",
            member.principal.scope,
            id=member.principal.user_id,
        )

        response = await refresh(client, member.refresh_token)

        assert (await me(client, response.json()["access_token"])).json()["organization"]["kind"] == "personal"


class TestLogOut:
    async def test_ends_the_login_at_once_and_takes_the_cookie(self, client: AsyncClient, member: Caller) -> None:
        response = await client.post("/api/v1/auth/logout", headers={"Cookie": f"{COOKIE}={member.refresh_token}"})

        assert response.status_code == 204
        assert cookie_of(response)[COOKIE]["max-age"] == "0"
        assert cookie_of(response)[COOKIE]["path"] == "/api/v1/auth"
        assert code_of(await me(client, member.bearer)) == "identity.login_over"
        assert (await refresh(client, member.refresh_token)).status_code == 401

    async def test_is_fine_for_whoever_is_signed_out_already(self, client: AsyncClient) -> None:
        assert (await client.post("/api/v1/auth/logout", json={})).status_code == 204


class TestAccessToken:
    async def test_other_tokens_are_no_access_tokens(
        self, client: AsyncClient, settings: Settings, town: Town, member: Caller, admin: Caller
    ) -> None:
        invite = await client.post(
            "/api/v1/people/invites", json={"email": "new@example.org", "role": "member"}, headers=admin.headers
        )
        ticket = (await client.post("/api/v1/ws-tickets", headers=member.headers)).json()["ticket"]
        expired = AccessTokens(settings.secret_key, lifetime=timedelta(seconds=-1))
        claims = AccessTokens(settings.secret_key, lifetime=timedelta(minutes=15)).read(member.bearer)
        for token in (
            member.refresh_token,
            invite.json()["link"].partition("token=")[2],
            ticket,
            expired.issue(claims),
            member.bearer[:-2],
            "sk-coda-" + "x" * 43,
            "e30.e30.",
            "nonsense",
            "é",
        ):
            response = await client.get("/api/v1/me", headers={b"Authorization": f"Bearer {token}".encode()})
            assert response.status_code == 401, token
            assert response.headers["www-authenticate"] == "Bearer"

    async def test_is_worth_nothing_in_another_organization(
        self, client: AsyncClient, settings: Settings, member: Caller, stranger: Caller
    ) -> None:
        tokens = AccessTokens(settings.secret_key, lifetime=timedelta(minutes=15))
        claims = tokens.read(member.bearer)
        forged = tokens.issue(type(claims)(claims.user_id, stranger.principal.org_id, claims.login_id))

        assert (await me(client, forged)).status_code == 401

    async def test_carries_no_role(self, client: AsyncClient, town: Town, org_id: UUID, app: FastAPI) -> None:
        second = await town.settle(org_id, Role.ADMIN)
        await town.settle(org_id, Role.ADMIN)
        await town.execute(
            "update memberships set role = 'viewer' where user_id = :id and org_id = :org",
            second.principal.scope,
            id=second.principal.user_id,
            org=org_id,
        )

        response = await client.get("/api/v1/people", headers=second.headers)

        assert (response.status_code, code_of(response)) == (403, "organizations.admins_only")
