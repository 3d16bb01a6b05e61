"""The operator's connections: who may manage them, who may use them, and what nobody is shown."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from httpx import AsyncClient, Response
from sqlalchemy import text

from coda.access.key_scopes import KeyScope
from coda.access.roles import Role
from coda.core.db import Database
from coda.core.scope import INSTANCE_ORG, Scope, System
from tests.callers import Caller, Town
from tests.llm.connections import KEY, body_of, change, code_of, connect, connected, listed, model_ids
from tests.runs.waiting import until_async
from tests.simulators.faults import FaultServer

NOWHERE = "http://127.0.0.1:9/v1"


@pytest.fixture
async def operator(town: Town) -> Caller:
    """Somebody who runs the machine, and is a plain member of their organization."""
    return await town.settle(await town.found(), Role.MEMBER, is_operator=True)


@pytest.fixture
async def admin(town: Town) -> Caller:
    """An administrator of another organization."""
    return await town.settle(await town.found(), Role.ADMIN)


@pytest.fixture
async def other(town: Town) -> Caller:
    """An administrator of a third one."""
    return await town.settle(await town.found(), Role.ADMIN)


@pytest.fixture(autouse=True)
async def nothing_left(client: AsyncClient, operator: Caller) -> AsyncIterator[None]:
    """What is for everybody would be seen by the next test."""
    yield
    for connection in (await listed(client, operator)).values():
        await client.delete(f"/api/v1/connections/{connection['id']}", headers=operator.headers)


async def offered(client: AsyncClient, operator: Caller, url: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """A connection of the instance to a simulated provider, `gpu` unless it is named otherwise."""
    usual = {"kind": "openai_compatible", "name": "gpu", "base_url": url, "api_key": KEY, "for": "instance"}
    return await connected(client, operator, **(usual | fields))


async def ask(client: AsyncClient, caller: Caller, model: str) -> Response:
    """One plain completion."""
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    return await client.post("/v1/chat/completions", json=body, headers=caller.headers)


class TestWhoManages:
    async def test_operators_make_change_try_and_remove(
        self, client: AsyncClient, town: Town, operator: Caller, module_faults: FaultServer
    ) -> None:
        for caller in (operator, await town.key(operator)):
            made = await offered(client, caller, module_faults.url)
            tried = await client.post(f"/api/v1/connections/{made['id']}/test", headers=caller.headers)
            changed = body_of(await change(client, caller, made["id"], name="The rack"))
            gone = await client.delete(f"/api/v1/connections/{made['id']}", headers=caller.headers)

            assert made["for"] == "instance"
            assert (made["visible_to"], made["can_change"], made["key_hint"]) == ("all", True, "…6789")
            assert body_of(tried)["models"] == ["ok", "whole"]
            assert (changed["name"], changed["provider"], changed["key_hint"]) == ("The rack", "gpu", "…6789")
            assert gone.status_code == 204
            assert made["id"] not in await listed(client, caller)

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.MEMBER, Role.VIEWER])
    @pytest.mark.parametrize("with_key", [False, True])
    async def test_nobody_else_does(
        self, client: AsyncClient, town: Town, operator: Caller, role: Role, *, with_key: bool
    ) -> None:
        caller = await town.settle(operator.principal.org_id, role)
        caller = await town.key(caller) if with_key else caller
        made = await offered(client, operator, NOWHERE)
        path = f"/api/v1/connections/{made['id']}"
        answers = [
            await connect(client, caller, kind="openai", api_key=KEY, **{"for": "instance"}),
            await client.post(
                "/api/v1/connections/test",
                json={"kind": "openai", "api_key": KEY, "for": "instance"},
                headers=caller.headers,
            ),
            await change(client, caller, made["id"], name="Mine"),
            await change(client, caller, made["id"], base_url="http://93.184.216.34", key=KEY),
            await change(client, caller, made["id"], visible_to="all"),
            await client.post(f"{path}/test", headers=caller.headers),
            await client.delete(path, headers=caller.headers),
        ]

        codes = {code_of(answer) for answer in answers}
        assert {answer.status_code for answer in answers} == {403}
        assert codes == {"organizations.operators_only" if role is Role.ADMIN else "organizations.admins_only"}
        assert (await listed(client, operator))[made["id"]] == made | {"health": (await health(client, operator, made))}

    async def test_a_key_needs_the_scope_for_it(self, client: AsyncClient, town: Town, operator: Caller) -> None:
        made = await offered(client, operator, NOWHERE)
        reading = await town.key(operator, scopes=[KeyScope.READ])
        managing = await town.key(operator, scopes=[KeyScope.ADMIN])

        row = (await listed(client, reading))[made["id"]]
        refused = await change(client, reading, made["id"], visible_to=[])
        changed = await change(client, managing, made["id"], visible_to=[])
        assert (row["key_hint"], row["visible_to"], row["can_change"]) == ("…6789", "all", False)
        assert (refused.status_code, code_of(refused)) == (403, "organizations.missing_scope")
        assert body_of(changed)["visible_to"] == []

    async def test_an_operator_who_is_no_administrator_has_no_hand_in_the_organizations_own(
        self, client: AsyncClient, town: Town, operator: Caller
    ) -> None:
        admin = await town.settle(operator.principal.org_id, Role.ADMIN)
        made = await connected(client, admin, kind="openai", api_key=KEY)

        refused = [
            await connect(client, operator, kind="openai", api_key=KEY),
            await change(client, operator, made["id"], name="x"),
            await client.delete(f"/api/v1/connections/{made['id']}", headers=operator.headers),
        ]
        assert {(answer.status_code, code_of(answer)) for answer in refused} == {(403, "organizations.admins_only")}
        assert made["id"] not in await listed(client, operator)

    async def test_a_key_does_not_follow_to_another_address(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        made = await offered(client, operator, NOWHERE)
        asked = len(module_faults.listing_headers)
        response = await change(client, operator, made["id"], base_url=module_faults.url)

        assert (response.status_code, code_of(response)) == (422, "llm.connection_key_needed")
        assert module_faults.listing_headers[asked:] == []


async def health(client: AsyncClient, caller: Caller, connection: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """How a connection is at the moment."""
    return (await listed(client, caller))[connection["id"]]["health"]


class TestWhatIsShown:
    async def test_an_administrator_sees_name_kind_and_health_and_no_more(
        self, client: AsyncClient, operator: Caller, admin: Caller, module_faults: FaultServer
    ) -> None:
        made = await offered(client, operator, module_faults.url)
        await model_ids(client, admin)

        async def is_up() -> bool:
            return bool((await health(client, admin, made))["status"] == "up")

        await until_async(is_up)
        row = (await listed(client, admin))[made["id"]]
        assert (row["name"], row["kind"], row["provider"], row["for"]) == (
            "gpu",
            "openai_compatible",
            "gpu",
            "instance",
        )
        assert row["can_change"] is False
        hidden = {"base_url", "key_hint", "allow_private", "visible_to"}
        assert {name: row[name] for name in hidden} == dict.fromkeys(hidden)

    async def test_its_models_are_in_the_catalogue_of_each_organization(
        self, client: AsyncClient, town: Town, operator: Caller, admin: Caller, module_faults: FaultServer
    ) -> None:
        await offered(client, operator, module_faults.url)
        viewer = await town.settle(admin.principal.org_id, Role.VIEWER)

        body = body_of(await client.get("/api/v1/models", headers=viewer.headers))
        provider = next(provider for provider in body["providers"] if provider["id"] == "gpu")
        assert (provider["source"], provider["health"]["status"], provider["models"]) == ("instance", "up", 2)
        assert {"gpu/ok", "gpu/whole"} <= {model["id"] for model in body["items"]}
        compatible = body_of(await client.get("/v1/models", headers=viewer.headers))
        assert {"gpu/ok", "coda-agent/gpu/ok"} <= {model["id"] for model in compatible["data"]}

    async def test_the_key_is_shown_to_nobody(
        self, client: AsyncClient, town: Town, operator: Caller, admin: Caller, database: Database
    ) -> None:
        made = await offered(client, operator, NOWHERE)
        asked = [
            await client.get(path, headers=caller.headers)
            for caller in (operator, admin, await town.key(admin))
            for path in ("/api/v1/connections", "/api/v1/models", "/v1/models", "/api/v1/me")
        ]
        asked += [
            await change(client, operator, made["id"], name="gpu"),
            await client.post(f"/api/v1/connections/{made['id']}/test", headers=operator.headers),
            await ask(client, admin, "gpu/ok"),
        ]

        assert [answer.request.url for answer in asked if KEY in answer.text] == []
        stored = text("select sealed_key from provider_keys where connection_id = :id")
        async with database.transaction(Scope(INSTANCE_ORG, System())) as db:
            sealed = await db.scalar(stored, {"id": made["id"]})
        assert sealed is not None
        assert KEY.encode() not in sealed
        async with database.transaction(admin.principal.scope) as db:
            assert await db.scalar(stored, {"id": made["id"]}) is None

    async def test_pages_hold_both_kinds_in_the_order_of_time(self, client: AsyncClient, town: Town) -> None:
        both = await town.settle(await town.found(), Role.ADMIN, is_operator=True)
        for number in range(5):
            owner = "instance" if number % 2 else "organization"
            await connected(client, both, kind="openai", name=f"n{number}", api_key=KEY, **{"for": owner})

        names, cursor = [], ""
        while cursor is not None:
            page = body_of(await client.get(f"/api/v1/connections?limit=2&cursor={cursor}", headers=both.headers))
            names += [row["name"] for row in page["items"]]
            cursor = page["next_cursor"]
        assert names == ["n4", "n3", "n2", "n1", "n0"]


class TestVisibility:
    async def test_only_named_organizations_use_it(
        self, client: AsyncClient, operator: Caller, admin: Caller, other: Caller, module_faults: FaultServer
    ) -> None:
        named = [str(admin.principal.org_id)]
        made = await offered(client, operator, module_faults.url, visible_to=named)

        assert made["visible_to"] == named
        assert (await listed(client, operator))[made["id"]]["visible_to"] == named
        assert "gpu/ok" in await model_ids(client, admin)
        assert made["id"] in await listed(client, admin)
        assert (await ask(client, admin, "gpu/ok")).status_code == 200

        asked = len(module_faults.requests)
        assert not any(model.startswith("gpu/") for model in await model_ids(client, other))
        assert made["id"] not in await listed(client, other)
        assert "gpu/" not in (await client.get("/v1/models", headers=other.headers)).text
        for model in ("gpu/ok", "coda-agent/gpu/ok"):
            refused = await ask(client, other, model)
            assert (refused.status_code, code_of(refused)) == (404, "model_not_found")
        refused = await start_run(client, other, "gpu/ok")
        assert (refused.status_code, code_of(refused)) == (404, "llm.model_not_found")
        gone = await client.delete(f"/api/v1/connections/{made['id']}", headers=other.headers)
        assert (gone.status_code, code_of(gone)) == (404, "llm.connection_not_found")
        assert len(module_faults.requests) == asked

    async def test_it_is_taken_away_and_given_back_at_once(
        self, client: AsyncClient, operator: Caller, admin: Caller, module_faults: FaultServer
    ) -> None:
        made = await offered(client, operator, module_faults.url)
        for visible_to, status in (([], 404), ("all", 200), ([str(admin.principal.org_id)], 200)):
            changed = body_of(await change(client, operator, made["id"], visible_to=visible_to))

            assert changed["visible_to"] == visible_to
            assert (await ask(client, admin, "gpu/ok")).status_code == status

    async def test_what_is_not_an_organization_cannot_be_named(self, client: AsyncClient, operator: Caller) -> None:
        made = await offered(client, operator, NOWHERE)
        for nobody in (str(uuid4()), str(INSTANCE_ORG)):
            refused = await change(client, operator, made["id"], visible_to=[nobody])

            assert (refused.status_code, code_of(refused)) == (422, "llm.connection_invalid")
            assert refused.json()["error"]["details"]["organization_ids"] == [nobody]

    async def test_an_organizations_own_is_for_nobody_else(self, client: AsyncClient, admin: Caller) -> None:
        refused = await connect(client, admin, kind="openai", api_key=KEY, visible_to="all")

        assert (refused.status_code, code_of(refused)) == (422, "llm.connection_invalid")


class TestIds:
    """The id of a provider begins its models' ids: who has it first, and what happens where two want it."""

    async def test_an_organization_is_given_another_than_the_instances(
        self, client: AsyncClient, operator: Caller, admin: Caller, module_faults: FaultServer
    ) -> None:
        await offered(client, operator, NOWHERE)
        own = await connected(client, admin, kind="openai_compatible", name="gpu", base_url="http://93.184.216.34")

        assert own["provider"] == "gpu-2"

    async def test_a_hidden_one_is_not_told_of_by_that(
        self, client: AsyncClient, operator: Caller, admin: Caller
    ) -> None:
        await offered(client, operator, NOWHERE, visible_to=[])
        own = await connected(client, admin, kind="openai_compatible", name="gpu", base_url="http://93.184.216.34")

        assert own["provider"] == "gpu"

    async def test_the_instance_is_given_another_than_the_environments(
        self, client: AsyncClient, operator: Caller
    ) -> None:
        made = await offered(client, operator, NOWHERE, kind="openai", name="OpenAI")
        twice = await connect(client, operator, kind="openai", name="OpenAI", api_key=KEY, **{"for": "instance"})

        assert made["provider"] == "openai-2"
        assert twice.json()["provider"] == "openai-3"

    async def test_an_organization_keeps_what_it_has_and_is_told_what_stands_behind(
        self, client: AsyncClient, town: Town, operator: Caller, module_faults: FaultServer
    ) -> None:
        """Its chats and clients go on asking whom they asked, whatever an operator adds later."""
        settled = await town.settle(await town.found(), Role.ADMIN, is_operator=True)
        own = await connected(
            client, settled, kind="openai_compatible", name="gpu", base_url=module_faults.url, api_key="sk-own-own-own"
        )
        made = await offered(client, operator, module_faults.url)

        rows = await listed(client, settled)
        assert rows[made["id"]]["shadowed_by"] == own["id"]
        assert rows[own["id"]]["shadowed_by"] is None
        assert (await ask(client, settled, "gpu/ok")).status_code == 200
        assert module_faults.headers[-1]["Authorization"] == "Bearer sk-own-own-own"
        body = body_of(await client.get("/api/v1/models", headers=settled.headers))
        assert [row["source"] for row in body["providers"] if row["id"] == "gpu"] == ["connection"]
        assert len([model for model in body["items"] if model["id"] == "gpu/ok"]) == 1

        await client.delete(f"/api/v1/connections/{own['id']}", headers=settled.headers)
        assert (await listed(client, settled))[made["id"]]["shadowed_by"] is None
        assert (await ask(client, settled, "gpu/ok")).status_code == 200
        assert module_faults.headers[-1]["Authorization"] == f"Bearer {KEY}"


async def start_run(client: AsyncClient, caller: Caller, model: str) -> Response:
    """A question in a new chat."""
    chat = body_of(await client.post("/api/v1/sessions", json={}, headers=caller.headers), 201)
    body = {"message": {"content": "hi"}, "model": model}
    return await client.post(f"/api/v1/sessions/{chat['id']}/runs", json=body, headers=caller.headers)


class TestUse:
    async def test_a_run_is_answered_and_booked_in_the_organization_that_asked(
        self,
        client: AsyncClient,
        operator: Caller,
        admin: Caller,
        other: Caller,
        module_faults: FaultServer,
        database: Database,
    ) -> None:
        await offered(client, operator, module_faults.url)
        run = body_of(await start_run(client, admin, "gpu/ok"), 202)["run"]

        async def has_ended() -> bool:
            read = await client.get(f"/api/v1/runs/{run['id']}", headers=admin.headers)
            return read.json()["status"] not in ("queued", "running")

        await until_async(has_ended)
        messages = body_of(await client.get(f"/api/v1/sessions/{run['session_id']}/messages", headers=admin.headers))
        answer = messages["items"][-1]
        assert answer["content"][-1]["text"] == "One two three four five "
        assert answer["usage"]["input_tokens"] == 11
        assert module_faults.headers[-1]["Authorization"] == f"Bearer {KEY}"

        booked = text("select provider, model, host, input_tokens from ledger_entries where run_id = :run")
        held = text("select state from reservations where run_id = :run")
        for scope, entries, states in (
            (admin.principal.scope, [("gpu", "ok", module_faults.url.removeprefix("http://"), 11)], ["settled"]),
            (other.principal.scope, [], []),
            (Scope(INSTANCE_ORG, System()), [], []),
        ):
            async with database.transaction(scope) as db:
                rows = await db.execute(booked, {"run": run["id"]})
                assert [tuple(row) for row in rows] == entries
                assert list(await db.scalars(held, {"run": run["id"]})) == states

    async def test_one_breaker_opens_for_all_who_use_it(
        self, client: AsyncClient, operator: Caller, admin: Caller, other: Caller, module_faults: FaultServer
    ) -> None:
        await offered(client, operator, module_faults.url)

        codes = [code_of(await ask(client, admin, "gpu/status-503")) for _ in range(6)]
        assert codes[-1] == "llm.provider_paused"
        assert code_of(await ask(client, other, "gpu/status-503")) == "llm.provider_paused"
        assert (await ask(client, other, "gpu/ok")).status_code == 200
