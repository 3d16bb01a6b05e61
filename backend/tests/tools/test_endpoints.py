"""Tools over HTTP: what there is, who may switch what, and what a broader level locks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy import text

from coda.access.roles import Role
from coda.auth.wiring import build_authenticator
from coda.conversations.models import ChatSession
from coda.core.cache import Cache
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.http.install import install_http
from coda.core.http.routes import join_routers
from coda.core.rate_limit import MemoryRateLimiter
from coda.core.settings import Settings
from coda.identity.wiring import build_identity
from coda.tools import endpoints
from coda.tools.toolsets import FunctionToolset
from coda.tools.wiring import build_tools
from tests.callers import Caller, Town
from tests.tools.weather import SOURCE, WEATHER, Weather

NOTHING = {"enabled": None, "approval": None}


@pytest.fixture
def app(database: Database, settings: Settings, builtin: FunctionToolset) -> FastAPI:
    """The built-in tools, `date_time` always asking, beside a weather station that has a calculator too."""
    station = Weather(tools=[WEATHER, replace(WEATHER, name="calculator", title="Counted drops")])
    listener = DatabaseListener(database.urls.direct)
    app = FastAPI()
    join_routers(app, endpoints.router)
    install_http(app, settings)
    app.state.settings, app.state.database = settings, database
    app.state.tools = build_tools(
        database, listener, [builtin, station], cache=Cache(listener), need_approval="date_time"
    )
    app.state.identity = build_identity(settings, MemoryRateLimiter())
    app.state.authenticator = build_authenticator(app.state.identity)
    return app


@dataclass(frozen=True, slots=True)
class Panel:
    """The tools as one caller sees and switches them."""

    client: AsyncClient
    caller: Caller
    town: Town

    async def new_session(self) -> UUID:
        scope = self.caller.principal.scope
        chat_session = ChatSession(org_id=scope.org_id, id=uuid4(), owner_id=scope.user_id)
        await self.town.add(scope, chat_session)
        return chat_session.id

    async def tool(self, name: str, **query: object) -> dict[str, Any]:
        response = await self.client.get("/api/v1/tools", headers=self.caller.headers, params=_texts(query))
        assert response.status_code == 200, response.text
        found: dict[str, Any] = next(item for item in response.json()["items"] if item["name"] == name)
        return found

    async def patch(self, name: str, *, source: str | None = None, **body: Any) -> Response:  # noqa: ANN401 - fields
        given = {"for" if key == "subject" else key: value for key, value in body.items()}
        given = {key: str(value) if isinstance(value, UUID) else value for key, value in given.items()}
        query = {} if source is None else {"source": source}
        return await self.client.patch(f"/api/v1/tools/{name}", headers=self.caller.headers, params=query, json=given)

    async def switch(self, name: str, **body: Any) -> dict[str, Any]:  # noqa: ANN401 - fields
        response = await self.patch(name, **body)
        assert response.status_code == 200, response.text
        item: dict[str, Any] = response.json()
        return item

    async def refused(self, name: str, **body: Any) -> tuple[int, str]:  # noqa: ANN401 - fields
        response = await self.patch(name, **body)
        return response.status_code, response.json()["error"]["code"]


def _texts(query: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in query.items()}


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://coda.lan:8000") as client:
        yield client


@pytest.fixture
async def panels(app: FastAPI, client: AsyncClient, database: Database) -> dict[str, Panel]:
    """A member, a viewer and an administrator of one organization, and a member of another."""
    town = Town(database, app.state.identity)
    here, elsewhere = await town.found(), await town.found()
    callers = {role.value: await town.settle(here, role) for role in Role}
    callers["stranger"] = await town.settle(elsewhere)
    return {name: Panel(client, caller, town) for name, caller in callers.items()}


@pytest.fixture
def member(panels: dict[str, Panel]) -> Panel:
    return panels["member"]


@pytest.fixture
def admin(panels: dict[str, Panel]) -> Panel:
    return panels["admin"]


class TestListTools:
    @pytest.mark.parametrize("role", [role.value for role in Role])
    async def test_everybody_signed_in_sees_the_tools_of_all_sources(
        self, client: AsyncClient, panels: dict[str, Panel], role: str
    ) -> None:
        response = await client.get("/api/v1/tools", headers=panels[role].caller.headers)

        items = response.json()["items"]
        assert [(item["source"], item["name"]) for item in items] == [
            ("built-in", "calculator"),
            ("built-in", "optimize"),
            ("built-in", "table_statistics"),
            ("built-in", "date_time"),
            (SOURCE, "weather"),
            (SOURCE, "calculator"),
        ]
        assert items[0]["title"] == "Calculated"
        assert items[0]["parameters"]["required"] == ["expression"]

    async def test_nobody_else_does(self, client: AsyncClient) -> None:
        assert (await client.get("/api/v1/tools")).status_code == 401

    async def test_what_nobody_has_decided_is_on_and_asks_nobody(self, member: Panel) -> None:
        item = await member.tool("optimize")

        assert (item["enabled"], item["approval"], item["locked_by"]) == (True, "never", None)
        assert item["policies"] == {"organization": NOTHING, "me": NOTHING, "session": None}
        assert item["locks"] == {"enabled": None, "approval": None}

    async def test_in_a_chat_its_own_words_are_shown(self, member: Panel) -> None:
        session_id = await member.new_session()

        assert (await member.tool("optimize", session_id=session_id))["policies"]["session"] == NOTHING

    async def test_a_chat_of_somebody_else_is_not_there(self, client: AsyncClient, member: Panel, admin: Panel) -> None:
        session_id = await member.new_session()

        response = await client.get(f"/api/v1/tools?session_id={session_id}", headers=admin.caller.headers)

        assert response.status_code == 404
        assert response.json()["error"]["code"] == "conversations.session_not_found"

    async def test_what_the_server_makes_ask_is_locked_by_the_instance(self, member: Panel) -> None:
        item = await member.tool("date_time")

        assert (item["enabled"], item["approval"], item["locked_by"]) == (True, "always", "instance")
        assert item["locks"] == {"enabled": None, "approval": "instance"}


class TestSwitchForMe:
    async def test_it_holds_in_all_my_chats_and_nobody_elses(self, member: Panel, panels: dict[str, Panel]) -> None:
        switched = await member.switch("optimize", enabled=False, subject="me")

        assert switched == await member.tool("optimize")
        assert (switched["enabled"], switched["locked_by"]) == (False, None)
        assert switched["policies"]["me"] == {"enabled": False, "approval": None}
        assert not (await member.tool("optimize", session_id=await member.new_session()))["enabled"]
        for other in ("viewer", "admin", "stranger"):
            assert (await panels[other].tool("optimize"))["enabled"]

    async def test_null_takes_the_word_back_and_what_is_left_out_stays(self, member: Panel) -> None:
        await member.switch("optimize", enabled=False, approval="ask", subject="me")

        assert (await member.switch("optimize", approval=None, subject="me"))["policies"]["me"] == {
            "enabled": False,
            "approval": None,
        }
        assert (await member.switch("optimize", subject="me"))["enabled"] is False
        assert (await member.switch("optimize", enabled=None, subject="me"))["policies"]["me"] == NOTHING
        async with member.town.transaction(member.caller.principal.scope) as db:
            assert await db.scalar(text("select count(*) from tool_policies")) == 0

    async def test_a_viewer_may(self, panels: dict[str, Panel]) -> None:
        assert not (await panels["viewer"].switch("optimize", enabled=False, subject="me"))["enabled"]


class TestSwitchForAChat:
    async def test_it_holds_in_this_chat_alone(self, member: Panel) -> None:
        session_id, other = await member.new_session(), await member.new_session()

        switched = await member.switch("optimize", enabled=False, subject="session", session_id=session_id)

        assert switched == await member.tool("optimize", session_id=session_id)
        assert not switched["enabled"]
        assert (await member.tool("optimize", session_id=other))["enabled"]
        assert (await member.tool("optimize"))["enabled"]

    async def test_a_chat_of_somebody_else_is_not_there(self, member: Panel, admin: Panel) -> None:
        body = {"enabled": False, "session_id": await member.new_session()}

        for subject in ("session", "me"):
            code = "conversations.session_not_found"
            assert await admin.refused("optimize", **body, subject=subject) == (404, code)

    async def test_without_its_id_it_is_refused(self, member: Panel) -> None:
        refusal = await member.refused("optimize", enabled=False, subject="session")

        assert refusal == (422, "tools.session_missing")

    async def test_a_viewer_may_not(self, panels: dict[str, Panel]) -> None:
        viewer = panels["viewer"]
        body = {"enabled": False, "subject": "session", "session_id": await viewer.new_session()}

        assert await viewer.refused("optimize", **body) == (403, "organizations.read_only")

    async def test_what_i_have_switched_off_stays_off(self, member: Panel) -> None:
        session_id = await member.new_session()
        await member.switch("optimize", enabled=True, subject="session", session_id=session_id)
        item = await member.switch("optimize", enabled=False, subject="me", session_id=session_id)
        assert (item["enabled"], item["policies"]["session"]["enabled"]) == (False, True)

        refusal = await member.refused("optimize", enabled=True, subject="session", session_id=session_id)

        assert refusal == (409, "tools.locked_by_me")


class TestSwitchForTheOrganization:
    async def test_it_holds_for_everybody_in_it(self, admin: Panel, member: Panel, panels: dict[str, Panel]) -> None:
        switched = await admin.switch("optimize", enabled=False, subject="organization")

        assert (switched["enabled"], switched["locked_by"]) == (False, "organization")
        item = await member.tool("optimize")
        assert (item["enabled"], item["locked_by"]) == (False, "organization")
        assert item["locks"] == {"enabled": "organization", "approval": None}
        assert (await panels["stranger"].tool("optimize"))["enabled"]

    async def test_only_administrators_may(self, panels: dict[str, Panel]) -> None:
        for name in ("member", "viewer"):
            refusal = await panels[name].refused("optimize", enabled=False, subject="organization")
            assert refusal == (403, "organizations.admins_only")

    async def test_nobody_below_can_switch_it_on(self, admin: Panel, member: Panel) -> None:
        await admin.switch("optimize", enabled=False, subject="organization")
        session_id = await member.new_session()

        for subject in ("me", "session"):
            response = await member.patch("optimize", enabled=True, subject=subject, session_id=session_id)
            assert response.status_code == 409
            error = response.json()["error"]
            assert error["code"] == "tools.locked_by_organization"
            assert error["details"]["locked_by"] == "organization"
            assert "administrators" in error["message"]

    async def test_off_and_null_may_be_said_under_a_lock(self, admin: Panel, member: Panel) -> None:
        await admin.switch("optimize", enabled=False, subject="organization")

        assert not (await member.switch("optimize", enabled=False, subject="me"))["enabled"]
        assert (await member.switch("optimize", enabled=None, subject="me"))["policies"]["me"] == NOTHING

    async def test_once_it_is_on_again_my_own_word_counts_again(self, admin: Panel, member: Panel) -> None:
        await member.switch("optimize", enabled=False, subject="me")
        await admin.switch("optimize", enabled=False, subject="organization")
        await admin.switch("optimize", enabled=True, subject="organization")

        assert not (await member.tool("optimize"))["enabled"]
        assert (await member.switch("optimize", enabled=None, subject="me"))["enabled"]


class TestApproval:
    async def test_ask_may_be_lowered_and_raised_below(self, admin: Panel, member: Panel) -> None:
        await admin.switch("optimize", approval="ask", subject="organization")
        assert (await member.tool("optimize"))["approval"] == "ask"

        assert (await member.switch("optimize", approval="never", subject="me"))["approval"] == "never"
        assert (await member.switch("optimize", approval="always", subject="me"))["approval"] == "always"
        assert (await member.tool("optimize"))["locked_by"] is None

    async def test_always_cannot_be_lowered_below(self, admin: Panel, member: Panel) -> None:
        await member.switch("optimize", approval="never", subject="me")
        await admin.switch("optimize", approval="always", subject="organization")

        item = await member.tool("optimize")
        assert (item["approval"], item["locks"]["approval"]) == ("always", "organization")
        for approval in ("never", "ask"):
            refusal = await member.refused("optimize", approval=approval, subject="me")
            assert refusal == (409, "tools.locked_by_organization")
        assert (await member.switch("optimize", approval="always", subject="me"))["approval"] == "always"

    async def test_my_own_always_holds_in_my_chats(self, member: Panel) -> None:
        session_id = await member.new_session()
        await member.switch("optimize", approval="always", subject="me")

        refusal = await member.refused("optimize", approval="never", subject="session", session_id=session_id)

        assert refusal == (409, "tools.locked_by_me")

    async def test_what_the_server_makes_ask_not_even_administrators_can_lower(self, admin: Panel) -> None:
        refusal = await admin.refused("date_time", approval="never", subject="organization")

        assert refusal == (409, "tools.locked_by_instance")


class TestNames:
    async def test_an_unknown_tool_is_not_there(self, member: Panel) -> None:
        assert await member.refused("nothing", enabled=False, subject="me") == (404, "tools.not_found")
        elsewhere = await member.refused("weather", source="built-in", enabled=False, subject="me")
        assert elsewhere == (404, "tools.not_found")

    async def test_of_two_tools_of_one_name_the_source_has_to_be_told(self, member: Panel) -> None:
        response = await member.patch("calculator", enabled=False, subject="me")
        assert response.status_code == 409
        assert response.json()["error"]["code"] == "tools.ambiguous"
        assert response.json()["error"]["details"]["sources"] == ["built-in", SOURCE]

        switched = await member.patch("calculator", source=SOURCE, enabled=False, subject="me")

        assert switched.json()["source"] == SOURCE
        assert not switched.json()["enabled"]
        assert (await member.tool("calculator"))["enabled"]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"enabled": False},
            {"for": "everybody", "enabled": False},
            {"for": "me", "approval": "sometimes"},
            {"for": "me", "enabled": "perhaps"},
            {"for": "me", "subject": "me"},
            {"for": "session", "session_id": "mine"},
        ],
    )
    async def test_what_cannot_be_read_is_refused(
        self, client: AsyncClient, member: Panel, body: dict[str, object]
    ) -> None:
        response = await client.patch("/api/v1/tools/optimize", headers=member.caller.headers, json=body)

        assert response.status_code == 422
