"""What can be set for a connection over HTTP, what is kept of it, and what nobody is shown."""

from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from coda.access.roles import Role
from coda.core.db import Database
from coda.core.scope import INSTANCE_ORG, Scope, System
from tests.callers import Caller, Town
from tests.llm.connections import KEY, body_of, change, code_of, connect, connected, listed, model_ids
from tests.runs.waiting import until_async
from tests.simulators.scripted import ScriptedServer
from tests.simulators.tls import self_signed

SECRET = "canary-header-value"


@pytest.fixture
async def operator(town: Town) -> Caller:
    return await town.settle(await town.found(), Role.ADMIN, is_operator=True)


@pytest.fixture
async def connection(client: AsyncClient, operator: Caller, scripted: ScriptedServer) -> dict[str, Any]:
    """A connection with something set."""
    options = {"headers": {"X-Team": SECRET}, "body": {"seed": 7}, "models": ["mine"], "takes_tools": False}
    return await connected(
        client, operator, kind="openai_compatible", name="box", base_url=scripted.url, api_key=KEY, options=options
    )


async def ask(client: AsyncClient, caller: Caller) -> None:
    body = {"model": "box/mine", "messages": [{"role": "user", "content": "hi"}]}
    body_of(await client.post("/v1/chat/completions", json=body, headers=caller.headers))


class TestOptions:
    async def test_they_go_with_every_call(
        self, client: AsyncClient, operator: Caller, scripted: ScriptedServer, connection: dict[str, Any]
    ) -> None:
        assert "box/mine" in await model_ids(client, operator)
        await ask(client, operator)

        assert scripted.headers[-1]["X-Team"] == SECRET
        assert scripted.bodies[-1]["seed"] == 7
        assert connection["options"]["header_names"] == ["X-Team"]
        assert (connection["options"]["body"], connection["options"]["takes_tools"]) == ({"seed": 7}, False)

    async def test_headers_are_sealed_and_never_shown(
        self, client: AsyncClient, operator: Caller, database: Database, connection: dict[str, Any]
    ) -> None:
        shown = await listed(client, operator)
        async with database.transaction(operator.principal.scope) as db:
            stored = await db.scalar(
                text("select options::text from provider_connections where id = :id"), {"id": connection["id"]}
            )

        assert SECRET not in str(shown)
        assert "X-Team" in stored
        assert SECRET not in stored

    async def test_headers_of_the_instance_lie_where_no_organization_reads(
        self, client: AsyncClient, operator: Caller, database: Database, scripted: ScriptedServer
    ) -> None:
        options = {"headers": {"X-Team": SECRET}}
        mine = await connected(
            client, operator, kind="openai_compatible", name="all", base_url=scripted.url, options=options,
            **{"for": "instance"},
        )  # fmt: skip
        count = text("select count(*) from provider_keys where connection_id = :id and sealed_headers is not null")
        async with database.transaction(operator.principal.scope) as db:
            seen_by_organization = await db.scalar(count, {"id": mine["id"]})
        async with database.transaction(Scope(INSTANCE_ORG, System())) as db:
            seen_by_instance = await db.scalar(count, {"id": mine["id"]})

        assert (seen_by_organization, seen_by_instance) == (0, 1)

    async def test_headers_that_are_left_out_stay_and_the_rest_is_replaced(
        self, client: AsyncClient, operator: Caller, scripted: ScriptedServer, connection: dict[str, Any]
    ) -> None:
        changed = body_of(await change(client, operator, connection["id"], options={"models": ["mine"]}))
        assert (changed["options"]["header_names"], changed["options"]["body"]) == (["X-Team"], {})

        async def is_changed() -> bool:
            await ask(client, operator)
            return "seed" not in scripted.bodies[-1]

        await until_async(is_changed)
        assert scripted.headers[-1]["X-Team"] == SECRET
        gone = body_of(await change(client, operator, connection["id"], options={"headers": {}}))
        assert gone["options"]["header_names"] == []

    async def test_headers_are_not_sent_to_another_address(
        self, client: AsyncClient, operator: Caller, scripted: ScriptedServer, connection: dict[str, Any]
    ) -> None:
        elsewhere = f"{scripted.url}/elsewhere/v1"
        moved = await change(client, operator, connection["id"], base_url=elsewhere, key=KEY)
        entered = await change(
            client, operator, connection["id"], base_url=elsewhere, key=KEY, options={"headers": {"X-Team": "new"}}
        )

        assert (moved.status_code, entered.status_code) == (422, 200)

    @pytest.mark.parametrize(
        "options",
        [
            {"headers": {"Host": "x"}},
            {"headers": {"X-Team": "a\nb"}},
            {"body": {"messages": []}},
            {"body": {"x": "y" * 20_000}},
            {"authority": "no certificate"},
        ],
    )
    async def test_what_cannot_be_is_refused(
        self, client: AsyncClient, operator: Caller, scripted: ScriptedServer, options: dict[str, Any]
    ) -> None:
        refused = await connect(
            client, operator, kind="openai_compatible", name="odd", base_url=scripted.url, options=options
        )

        assert (refused.status_code, code_of(refused)) == (422, "llm.connection_invalid")

    async def test_a_certificate_is_kept(
        self, client: AsyncClient, operator: Caller, connection: dict[str, Any], tmp_path: Path
    ) -> None:
        _, certificate = self_signed(tmp_path)
        changed = body_of(await change(client, operator, connection["id"], options={"authority": certificate}))

        assert changed["options"]["authority"] == certificate
