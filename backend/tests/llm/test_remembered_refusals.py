"""What a model was found to refuse is known after a restart, and forgotten where it may not hold any more."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import text

from coda.access.roles import Role
from coda.core.clock import now
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.security import Seal
from coda.llm.dialects.dialect import KEPT_FOR, Dialect, Dialects, Learnt
from coda.llm.dialects.learnt import as_stored, from_stored
from coda.llm.types import ChatMessage, ChatRequest
from coda.llm.wiring import ModelServices, build_models
from coda.organizations.wiring import build_settings_cache
from tests.callers import Caller, Town
from tests.llm.connections import KEY, body_of, change, connected
from tests.runs.waiting import until_async
from tests.simulators.scripted import Reply, ScriptedServer, says

ASKED = ChatRequest("", [ChatMessage.of("user", "Hi")], temperature=0.5)


def refusing(body: dict[str, Any]) -> Reply:
    if "temperature" in body:
        return Reply.json({"error": {"message": "temperature is not supported"}}, status=400)
    return says("Fine.")


@pytest.fixture
async def operator(town: Town) -> Caller:
    return await town.settle(await town.found(), Role.ADMIN, is_operator=True)


@pytest.fixture
async def connection(client: AsyncClient, operator: Caller, scripted: ScriptedServer) -> dict[str, Any]:
    scripted.begin(answer=refusing)
    return await connected(
        client, operator, kind="openai_compatible", name="box", base_url=scripted.url, api_key=KEY,
        options={"models": ["m"]},
    )  # fmt: skip


@pytest.fixture
def restarted(app: FastAPI, database: Database) -> ModelServices:
    """The models of another process."""
    listener = DatabaseListener("postgresql://nowhere.invalid/coda")
    seal: Seal = app.state.models.seal
    cache = build_settings_cache(database, listener)
    return build_models(app.state.settings, database, listener, seal=seal, organization_settings=cache)


async def left_out(models: ModelServices, caller: Caller) -> list[str]:
    """What an answer had to do without."""
    model = await models.gateway.open(caller.principal.scope, "box/m")
    return [name async for delta in model.stream(ASKED) for name in delta.left_out]


async def stored(database: Database, caller: Caller) -> int:
    async with database.transaction(caller.principal.scope) as db:
        return await db.scalar(text("select count(*) from learnt_dialects")) or 0


async def learn(app: FastAPI, database: Database, caller: Caller) -> None:
    """Find out, and wait until it is stored."""
    assert await left_out(app.state.models, caller) == ["temperature"]

    async def is_stored() -> bool:
        return await stored(database, caller) == 1

    await until_async(is_stored)


@pytest.mark.usefixtures("connection")
async def test_it_is_known_after_a_restart_and_told_again(
    app: FastAPI, database: Database, operator: Caller, scripted: ScriptedServer, restarted: ModelServices
) -> None:
    await learn(app, database, operator)
    scripted.begin(answer=refusing)

    try:
        assert await left_out(restarted, operator) == ["temperature"]
    finally:
        await restarted.close()
    assert len(scripted.bodies) == 1


async def test_another_address_is_asked_for_all_of_it(
    app: FastAPI, client: AsyncClient, database: Database, operator: Caller, scripted: ScriptedServer,
    connection: dict[str, Any],
) -> None:  # fmt: skip
    await learn(app, database, operator)
    body_of(await change(client, operator, connection["id"], base_url=f"{scripted.url}/other/v1", key=KEY))
    assert await stored(database, operator) == 0
    scripted.begin(says("Fine."))

    assert await left_out(app.state.models, operator) == []
    assert "temperature" in scripted.bodies[-1]


@pytest.mark.usefixtures("connection")
async def test_a_name_that_is_not_listed_is_not_stored(app: FastAPI, database: Database, operator: Caller) -> None:
    model = await app.state.models.gateway.open(operator.principal.scope, "box/made-up")
    assert await model.stream(ASKED).text() == "Fine."

    assert await stored(database, operator) == 0


def test_after_some_days_the_model_is_asked_again() -> None:
    refused = Dialect(refuses=frozenset({"temperature"}))
    dialects = Dialects()
    dialects.recall("old", Learnt(refused, now() - KEPT_FOR - timedelta(minutes=1)))
    dialects.recall("new", Learnt(refused, now() - KEPT_FOR + timedelta(minutes=1)))

    assert (dialects.of("old"), dialects.of("new")) == (dialects.base, refused)


def test_what_is_stored_is_what_differs_and_comes_back() -> None:
    base = Dialect(max_tokens_field="max_completion_tokens", refuses=frozenset({"tools"}))
    learnt = Dialect(
        max_tokens_field="max_tokens", refuses=frozenset({"tools", "system"}), alternates=True, empty_content="",
        call_ids="nine", most_output=4096,
    )  # fmt: skip
    found = as_stored(learnt, base)

    assert found["refuses"] == ["system"]
    assert from_stored(found, base) == learnt
    assert from_stored({**found, "of_tomorrow": 1}, base) == learnt
    assert as_stored(base, base) == {}
