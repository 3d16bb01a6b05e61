"""Models and connections over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import select

from coda.access.roles import Role
from coda.core.db import Database, DatabaseUrls
from coda.core.db.listener import DatabaseListener
from coda.core.scope import Scope
from coda.core.security import Seal
from coda.core.settings import Settings
from coda.llm.discovery.listing import MOST_MODELS
from coda.llm.models import ProviderKey
from coda.llm.providers.provider import ListedModel, Offer
from coda.llm.types import Health
from coda.llm.wiring import ModelServices, build_models
from coda.observability.watchdog import Block, LoopWatchdog
from coda.organizations.wiring import build_settings_cache
from tests.callers import Caller, Town
from tests.llm.asking import question
from tests.runs.waiting import until_async
from tests.simulators.faults import FaultServer
from tests.simulators.ollama import OllamaServer

KEY = "sk-canary-0123456789"
LONGEST_TASK = 0.05
"""Seconds of the processor that one task may keep all others waiting."""
WITHIN = 2.0
"""Seconds in which every process knows of a change."""


@pytest.fixture
async def operator(town: Town) -> Caller:
    """An administrator who also runs the machine."""
    return await town.settle(await town.found(), Role.ADMIN, is_operator=True)


@pytest.fixture
async def admin(town: Town) -> Caller:
    """An administrator of an organization only."""
    return await town.settle(await town.found(), Role.ADMIN)


async def models_of(client: AsyncClient, caller: Caller) -> dict[str, Any]:
    response = await client.get("/api/v1/models", headers=caller.headers)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


async def fastest_listing(client: AsyncClient, caller: Caller) -> float:
    """Seconds: of several, so that a busy machine is not taken for a slow answer."""
    took = []
    for _ in range(5):
        began = time.perf_counter()
        await models_of(client, caller)
        took.append(time.perf_counter() - began)
    return min(took)


async def connect(client: AsyncClient, caller: Caller, **fields: Any) -> Any:  # noqa: ANN401 - JSON both ways
    return await client.post("/api/v1/connections", json=fields, headers=caller.headers)


class TestListModels:
    async def test_providers_with_health_prices_and_a_default(self, client: AsyncClient, admin: Caller) -> None:
        body = await models_of(client, admin)

        providers = {provider["id"]: provider for provider in body["providers"]}
        assert providers["demo"]["health"]["status"] == "up"
        assert providers["openai"]["health"]["status"] == "up"
        assert providers["openai"]["source"] == "environment"
        assert providers["openai"]["models"] > 0
        demo = next(model for model in body["items"] if model["id"] == "demo/coda")
        assert demo["price"] == {
            "input_per_million": "0", "output_per_million": "0", "cached_input_per_million": "0",
            "reasoning_per_million": None,
        }  # fmt: skip
        assert demo["capabilities"] == {"tools": True, "reasoning": True, "vision": False, "sight": "blind"}
        simulated = next(model for model in body["items"] if model["provider"] == "openai")
        assert simulated["price"] is None
        assert [model["id"] for model in body["items"] if model["is_default"]] == [body["default_model"]]
        assert body["chosen_default"] is None

    async def test_a_provider_that_is_down_says_so_and_delays_nothing(
        self, app: FastAPI, client: AsyncClient, admin: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = await models_of(client, admin)
        catalogue = app.state.models.catalogue
        with_it = await fastest_listing(client, admin)
        healthy = tuple(each for each in catalogue.environment if each.id != "openrouter")
        monkeypatch.setattr(catalogue, "environment", healthy)
        without_it = await fastest_listing(client, admin)

        down = next(provider for provider in body["providers"] if provider["id"] == "openrouter")
        assert with_it < 2 * without_it + 0.05
        assert down["health"]["status"] == "down"
        assert down["health"]["detail"].startswith("The model provider cannot be reached.")
        assert "Traceback" not in str(body)

    @pytest.mark.parametrize("path", ["/api/v1/models", "/v1/models"])
    async def test_thousands_of_models_keep_nobody_waiting(
        self, app: FastAPI, client: AsyncClient, admin: Caller, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        await models_of(client, admin)
        provider = next(each for each in app.state.models.catalogue.environment if each.id == "openai")
        many = [ListedModel(f"model-{number}") for number in range(MOST_MODELS)]
        monkeypatch.setattr(provider, "offer", Offer(Health("up"), many))
        blocks: list[Block] = []
        watchdog = LoopWatchdog(blocks.append, longest=LONGEST_TASK)
        watchdog.start()

        answer = await client.get(path, headers=admin.headers)
        await asyncio.to_thread(watchdog.stop)

        assert answer.text.count("openai/model-") >= MOST_MODELS
        assert [block.seconds for block in blocks] == []

    async def test_the_settings_of_the_organization_are_the_default(self, client: AsyncClient, admin: Caller) -> None:
        await client.patch("/api/v1/organization/settings", json={"default_model": "demo/coda"}, headers=admin.headers)

        models = await models_of(client, admin)
        assert (models["default_model"], models["chosen_default"]) == ("demo/coda", "demo/coda")


class TestConnections:
    async def test_a_new_connection_is_in_the_picker_at_once(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        response = await connect(
            client, operator, kind="openai_compatible", name="My box", base_url=module_faults.url, api_key=KEY
        )
        body = await models_of(client, operator)

        assert response.status_code == 201, response.text
        assert response.json()["key_hint"] == "…6789"
        assert response.json()["base_url"] == f"{module_faults.url}/v1"
        ids = {model["id"]: model for model in body["items"]}
        assert ids["my-box/ok"]["context_window"] == 4096
        assert ids["my-box/ok"]["price"] is None

    async def test_it_is_gone_when_it_is_deleted(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        made = await connect(client, operator, kind="openai_compatible", name="x", base_url=module_faults.url)
        await models_of(client, operator)
        gone = await client.delete(f"/api/v1/connections/{made.json()['id']}", headers=operator.headers)

        assert gone.status_code == 204
        assert not any(model["provider"] == "x" for model in (await models_of(client, operator))["items"])
        again = await client.delete(f"/api/v1/connections/{made.json()['id']}", headers=operator.headers)
        assert again.json()["error"]["code"] == "llm.connection_not_found"

    async def test_the_key_is_sealed_and_never_shown(
        self, client: AsyncClient, operator: Caller, database: Database, module_faults: FaultServer
    ) -> None:
        await connect(client, operator, kind="openai_compatible", base_url=module_faults.url, api_key=KEY)
        listed = await client.get("/api/v1/connections", headers=operator.headers)

        async with database.transaction(operator.principal.scope) as db:
            row = (await db.scalars(select(ProviderKey))).one()
        assert row.sealed_key is not None
        assert KEY.encode() not in row.sealed_key
        assert KEY not in listed.text

    async def test_another_organization_does_not_see_it(
        self, client: AsyncClient, operator: Caller, admin: Caller, module_faults: FaultServer
    ) -> None:
        made = await connect(client, operator, kind="openai_compatible", name="mine", base_url=module_faults.url)

        body = await models_of(client, admin)
        gone = await client.delete(f"/api/v1/connections/{made.json()['id']}", headers=admin.headers)
        assert not any(model["provider"] == "mine" for model in body["items"])
        assert gone.status_code == 404

    async def test_names_are_unique_and_kinds_are_numbered(self, client: AsyncClient, operator: Caller) -> None:
        first = await connect(client, operator, kind="openrouter", name="Mine", api_key=KEY)
        same = await connect(client, operator, kind="openai", name="Mine", api_key=KEY)
        await connect(client, operator, kind="openai", api_key=KEY)
        body = await models_of(client, operator)

        assert (first.status_code, same.status_code) == (201, 409)
        assert same.json()["error"]["code"] == "llm.connection_exists"
        assert {"mine", "openai", "openai-2"} <= {provider["id"] for provider in body["providers"]}

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"kind": "openai"}, 422),
            ({"kind": "openai_compatible"}, 422),
            ({"kind": "nonsense"}, 422),
            ({"kind": "openai", "api_key": "key with\nnewline"}, 422),
            ({"kind": "openai_compatible", "base_url": "ftp://example.org"}, 422),
            ({"kind": "openai_compatible", "base_url": "http://example.org/v1?key=1"}, 422),
            ({"kind": "openai_compatible", "base_url": "http://user:pw@example.org"}, 422),
            ({"kind": "ollama"}, 403),
            ({"kind": "ollama", "base_url": "http://10.0.0.5:11434"}, 403),
            ({"kind": "openai_compatible", "base_url": "http://localhost:1234"}, 403),
            ({"kind": "openai_compatible", "base_url": "http://169.254.169.254"}, 403),
            ({"kind": "openai_compatible", "base_url": "http://[::ffff:127.0.0.1]:80"}, 403),
            ({"kind": "anthropic", "api_key": "k", "base_url": "http://93.184.216.34"}, 422),
            ({"kind": "openai", "api_key": "k", "owner": "me"}, 422),
        ],
    )
    async def test_what_an_administrator_may_not_connect(
        self, client: AsyncClient, admin: Caller, fields: dict[str, str], status: int
    ) -> None:
        response = await connect(client, admin, **fields)

        assert response.status_code == status, response.text

    async def test_pages(self, client: AsyncClient, operator: Caller) -> None:
        for number in range(3):
            await connect(client, operator, kind="openai", name=f"n{number}", api_key=KEY)

        first = (await client.get("/api/v1/connections?limit=2", headers=operator.headers)).json()
        cursor = first["next_cursor"]
        last = (await client.get(f"/api/v1/connections?limit=2&cursor={cursor}", headers=operator.headers)).json()
        assert [row["name"] for row in (*first["items"], *last["items"])] == ["n2", "n1", "n0"]
        assert last["next_cursor"] is None


class TestTryConnection:
    async def attempt(self, client: AsyncClient, caller: Caller, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        response = await client.post("/api/v1/connections/test", json=fields, headers=caller.headers)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.json()
        return body

    async def test_a_provider_that_answers(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        said = await self.attempt(client, operator, kind="openai_compatible", base_url=module_faults.url)

        assert said["ok"]
        assert said["models"] == ["ok", "whole"]
        assert said["latency_ms"] >= 0

    async def test_an_ollama(self, client: AsyncClient, operator: Caller) -> None:
        async with OllamaServer() as server:
            said = await self.attempt(client, operator, kind="ollama", base_url=f"{server.url}/v1")

        assert said["models"] == ["qwen3", "tiny:1b"]

    async def test_a_provider_that_does_not(self, client: AsyncClient, operator: Caller) -> None:
        said = await self.attempt(client, operator, kind="ollama", base_url="http://127.0.0.1:9")

        assert not said["ok"]
        assert said["error"] == "The model provider cannot be reached. It said: Nothing answers at this address."

    async def test_a_name_that_leads_inside_is_not_followed(
        self, client: AsyncClient, admin: Caller, module_faults: FaultServer
    ) -> None:
        port = module_faults.url.rpartition(":")[2]
        said = await self.attempt(
            client, admin, kind="openai_compatible", base_url=f"http://localhost.localdomain:{port}"
        )

        assert not said["ok"]
        assert said["models"] == []

    async def test_who_tries_again_and_again_has_to_wait(self, client: AsyncClient, operator: Caller) -> None:
        nowhere = {"kind": "ollama", "base_url": "http://127.0.0.1:9"}
        answers = await asyncio.gather(
            *(client.post("/api/v1/connections/test", json=nowhere, headers=operator.headers) for _ in range(25))
        )

        assert sorted(answer.status_code for answer in answers) == [200] * 20 + [429] * 5
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json()["error"]["code"] == "core.too_many_attempts"
        assert 1 <= int(refused.headers["retry-after"]) <= 60


class TestOtherProcesses:
    @pytest.fixture
    async def elsewhere(
        self, app: FastAPI, settings: Settings, database: Database, database_urls: DatabaseUrls
    ) -> AsyncIterator[ModelServices]:
        """The models of another process on the same database."""
        listener = DatabaseListener(database_urls.direct)
        quiet = settings.model_copy(update={"llm": settings.llm.model_copy(update={"probe_ollama": False})})
        models = build_models(
            quiet,
            database,
            listener,
            seal=Seal(settings.secret_key),
            organization_settings=build_settings_cache(database, listener),
        )
        connected = asyncio.Event()
        listener.on_reconnect(connected.set)
        await listener.start()
        await models.start()
        await asyncio.wait_for(connected.wait(), 10)
        yield models
        await models.close()
        await listener.close()

    async def test_they_learn_of_a_new_connection_without_asking_each_time(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer, elsewhere: ModelServices
    ) -> None:
        scope: Scope = operator.principal.scope
        assert [provider.id for provider in (await elsewhere.catalogue.available(scope.org_id)).providers] == ["demo"]

        await connect(client, operator, kind="openai_compatible", name="new", base_url=module_faults.url, api_key=KEY)

        async def is_known() -> bool:
            return "new" in [provider.id for provider in (await elsewhere.catalogue.available(scope.org_id)).providers]

        await until_async(is_known)
        model = await elsewhere.gateway.open(scope, "new/ok")
        said = [delta.text async for delta in model.stream(question("hi", model=""))]
        assert "".join(said) == "One two three four five "
        assert module_faults.headers[-1]["Authorization"] == f"Bearer {KEY}"

    async def test_they_learn_of_a_connection_of_the_instance_before_anybody_asks(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer, elsewhere: ModelServices
    ) -> None:
        fields = {"kind": "openai_compatible", "name": "all", "base_url": module_faults.url, "for": "instance"}
        made = (await connect(client, operator, **fields)).json()
        path, here = f"/api/v1/connections/{made['id']}", operator.principal.org_id

        async def is_known() -> bool:
            return "all" in [provider.id for provider in await elsewhere.catalogue.in_use()]

        async def is_usable() -> bool:
            return "all" in [provider.id for provider in (await elsewhere.catalogue.available(here)).providers]

        await until_async(is_known, within=WITHIN)
        await until_async(is_usable, within=WITHIN)
        await client.patch(path, json={"visible_to": []}, headers=operator.headers)

        async def is_hidden() -> bool:
            return not await is_usable()

        await until_async(is_hidden, within=WITHIN)
        await client.delete(path, headers=operator.headers)

        async def is_gone() -> bool:
            return not await is_known()

        await until_async(is_gone, within=WITHIN)

    async def test_an_answer_under_way_outlives_its_connection(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer, elsewhere: ModelServices
    ) -> None:
        scope: Scope = operator.principal.scope
        made = await connect(client, operator, kind="openai_compatible", name="brief", base_url=module_faults.url)
        model = await elsewhere.gateway.open(scope, "brief/ok")
        deltas = aiter(model.stream(question("hi", model="")))
        said = [(await anext(deltas)).text]

        await client.delete(f"/api/v1/connections/{made.json()['id']}", headers=operator.headers)

        async def is_gone() -> bool:
            known = (await elsewhere.catalogue.available(scope.org_id)).providers
            return "brief" not in [provider.id for provider in known]

        await until_async(is_gone)
        said += [delta.text async for delta in deltas]
        assert "".join(said) == "One two three four five "

    async def test_they_learn_of_a_new_default_model(
        self, client: AsyncClient, admin: Caller, elsewhere: ModelServices
    ) -> None:
        org_id = admin.principal.org_id
        assert (await elsewhere.catalogue.available(org_id)).organization_default is None
        await client.patch("/api/v1/organization/settings", json={"default_model": "demo/coda"}, headers=admin.headers)

        async def is_known() -> bool:
            return (await elsewhere.catalogue.available(org_id)).organization_default == "demo/coda"

        await until_async(is_known)
