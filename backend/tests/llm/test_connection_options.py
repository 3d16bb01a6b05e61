"""What can be set for a connection over HTTP, what is kept of it, and what nobody is shown."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import text

from coda.access.roles import Role
from coda.core.db import Database
from coda.core.scope import INSTANCE_ORG, Scope, System
from coda.llm.providers.options import OWN_FIELDS
from tests.callers import Caller, Town
from tests.llm.connections import KEY, body_of, change, code_of, connect, connected, listed, model_ids
from tests.runs.waiting import until_async
from tests.simulators.scripted import ScriptedServer, says
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
        more = {"headers": {"X-Team": None, "X-Room": "7"}}
        both = body_of(await change(client, operator, connection["id"], options={**more, "models": ["mine"]}))
        assert both["options"]["header_names"] == ["X-Room", "X-Team"]

        async def has_both() -> bool:
            await ask(client, operator)
            return "X-Room" in scripted.headers[-1]

        await until_async(has_both)
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

        kept = await change(
            client,
            operator,
            connection["id"],
            base_url=f"{scripted.url}/v2",
            key=KEY,
            options={"headers": {"X-Team": None}},
        )

        assert (moved.status_code, entered.status_code, kept.status_code) == (422, 200, 422)

    @pytest.mark.parametrize(
        "options",
        [
            {"headers": {"Host": "x"}},
            {"headers": {"X-Team": None}},
            {"headers": {"X-Team": "a\nb"}},
            *({"body": {name: 4}} for name in sorted(OWN_FIELDS)),
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


PRICES = [
    {"input_per_million": 1000, "output_per_million": "1000"},
    {"model": "cheap", "input_per_million": "0.5", "output_per_million": 1, "reasoning_per_million": "2.50"},
]


class TestPrices:
    async def test_what_was_set_is_booked_whatever_the_provider_says(
        self, client: AsyncClient, operator: Caller, scripted: ScriptedServer, database: Database
    ) -> None:
        await connected(
            client, operator, kind="openai_compatible", name="dear", base_url=scripted.url, api_key=KEY,
            options={"models": ["m", "cheap"], "prices": PRICES},
        )  # fmt: skip
        scripted.begin(says("Hello", usage={"prompt_tokens": 50, "completion_tokens": 7, "cost": 0.9}))
        body = {"model": "dear/m", "messages": [{"role": "user", "content": "hi"}]}
        body_of(await client.post("/v1/chat/completions", json=body, headers=operator.headers))

        async with database.transaction(operator.principal.scope) as db:
            entry = (await db.execute(text("select cost_usd, confidence, price_version from ledger_entries"))).one()
        assert (entry.cost_usd, entry.confidence, entry.price_version) == (Decimal("0.057"), "computed", "own prices")
        models = body_of(await client.get("/api/v1/models", headers=operator.headers))["items"]
        prices = {model["id"]: model["price"] for model in models}
        assert prices["dear/m"]["input_per_million"] == "1000"
        assert prices["dear/cheap"]["reasoning_per_million"] == "2.5"

    async def test_they_are_shown_as_they_were_set(
        self, client: AsyncClient, operator: Caller, connection: dict[str, Any]
    ) -> None:
        changed = body_of(await change(client, operator, connection["id"], options={"prices": PRICES}))

        assert changed["options"]["prices"] == [
            {"model": None, "input_per_million": "1000", "output_per_million": "1000",
             "cached_input_per_million": None, "reasoning_per_million": None},
            {"model": "cheap", "input_per_million": "0.5", "output_per_million": "1",
             "cached_input_per_million": None, "reasoning_per_million": "2.5"},
        ]  # fmt: skip

    @pytest.mark.parametrize("body", [{"service_tier": "priority"}, {"service_tier": 1}, {"speed": "fast"}])
    async def test_what_costs_more_than_the_book_knows_needs_one(
        self, client: AsyncClient, operator: Caller, scripted: ScriptedServer, body: dict[str, Any]
    ) -> None:
        wanted = {"kind": "openai_compatible", "name": "fast", "base_url": scripted.url}
        usual = {"input_per_million": 5, "output_per_million": 40}
        refused = [
            await connect(client, operator, **wanted, options={"body": body, "prices": prices})
            for prices in ([], [{"model": "mine", **usual}])
        ]
        taken = await connect(client, operator, **wanted, options={"body": body, "prices": [usual]})

        assert [(each.status_code, code_of(each)) for each in refused] == [(422, "llm.connection_invalid")] * 2
        assert all(next(iter(body)) in each.json()["error"]["message"] for each in refused)
        assert taken.status_code == 201

    @pytest.mark.parametrize("body", [{"service_tier": "flex"}, {"service_tier": "auto"}, {"speed": "standard"}])
    async def test_what_costs_no_more_needs_none(
        self, client: AsyncClient, operator: Caller, scripted: ScriptedServer, body: dict[str, Any]
    ) -> None:
        options = {"body": body}
        await connected(client, operator, kind="openai_compatible", name="slow", base_url=scripted.url, options=options)

    @pytest.mark.parametrize(
        "price",
        [
            {"input_per_million": -1, "output_per_million": 1},
            {"input_per_million": 1},
            {"input_per_million": "x", "output_per_million": 1},
        ],
    )
    async def test_what_is_no_price_is_refused(
        self, client: AsyncClient, operator: Caller, connection: dict[str, Any], price: dict[str, Any]
    ) -> None:
        refused = await change(client, operator, connection["id"], options={"prices": [price]})

        assert refused.status_code == 422
        assert "options.prices.0" in str(refused.json()["error"]["details"])

    async def test_a_model_has_one(self, client: AsyncClient, operator: Caller, connection: dict[str, Any]) -> None:
        refused = await change(client, operator, connection["id"], options={"prices": [PRICES[0], PRICES[0]]})

        assert refused.json()["error"]["details"]["field"] == "options.prices"


class TestProxies:
    async def test_the_login_is_sealed_and_stays_with_the_proxy(
        self, client: AsyncClient, operator: Caller, database: Database, connection: dict[str, Any]
    ) -> None:
        connection_id = connection["id"]

        async def set_proxy(proxy: str | None) -> tuple[str | None, bool]:
            options = body_of(await change(client, operator, connection_id, options={"proxy": proxy}))["options"]
            return options["proxy"], options["proxy_has_login"]

        async def kept() -> int:
            count = text("select count(*) from provider_keys where connection_id = :id and sealed_proxy is not null")
            async with database.transaction(operator.principal.scope) as db:
                return await db.scalar(count, {"id": connection_id}) or 0

        assert await set_proxy("http://me:s3cret@127.0.0.1:3128") == ("http://127.0.0.1:3128", True)
        assert await kept() == 1
        assert await set_proxy("http://127.0.0.1:3128/") == ("http://127.0.0.1:3128", True)
        assert "s3cret" not in str(await listed(client, operator))
        assert await set_proxy("10.0.0.1:3128") == ("http://10.0.0.1:3128", False)
        assert await kept() == 0
        assert await set_proxy(None) == (None, False)

    @pytest.mark.parametrize(
        "proxy", ["socks5://10.0.0.1", "http://10.0.0.1/path", "http://", "http://a..b:1", "http://["]
    )
    async def test_what_is_no_proxy_is_told(
        self, client: AsyncClient, operator: Caller, connection: dict[str, Any], proxy: str
    ) -> None:
        refused = await change(client, operator, connection["id"], options={"proxy": proxy})

        assert (refused.status_code, code_of(refused)) == (422, "llm.connection_invalid")
        assert refused.json()["error"]["details"]["field"] == "options.proxy"

    async def test_nobody_reaches_further_by_one(self, client: AsyncClient, town: Town) -> None:
        admin = await town.settle(await town.found(), Role.ADMIN)

        async def with_proxy(kind: str, proxy: str) -> str:
            refused = await connect(client, admin, kind=kind, api_key=KEY, options={"proxy": proxy})
            return code_of(refused)

        assert await with_proxy("openai", "http://0x7f000001:3128") == "http.address_refused"
        assert await with_proxy("openai", "http://localhost.:3128") == "http.address_refused"
        assert await with_proxy("anthropic", "http://proxy.test:3128") == "llm.connection_invalid"

    async def test_only_what_a_provider_has_can_be_set_of_its_fields(
        self, client: AsyncClient, operator: Caller
    ) -> None:
        refused = await connect(
            client, operator, kind="anthropic", api_key=KEY, options={"body": {"base_url": "http://x"}}
        )

        assert refused.json()["error"]["details"]["field"] == "options.body"


class TestAddresses:
    @pytest.mark.parametrize(
        ("base_url", "code"),
        [
            ("http://0x7f000001:11434", "http.address_refused"),
            ("http://2130706433/v1", "http.address_refused"),
            ("http://127.1", "http.address_refused"),
            ("http://[::ffff:127.0.0.1]:8000", "http.address_refused"),
            ("http://localhost.", "http.address_refused"),
            ("http://me:secret@provider.test/v1", "llm.connection_invalid"),
            ("http://a..b/v1", "llm.connection_invalid"),
            ("http://" + "x" * 64 + ".test", "llm.connection_invalid"),
        ],
    )
    async def test_each_form_is_told_for_what_it_is(
        self, client: AsyncClient, town: Town, base_url: str, code: str
    ) -> None:
        admin = await town.settle(await town.found(), Role.ADMIN)
        refused = await connect(client, admin, kind="openai_compatible", name="odd", base_url=base_url)

        assert code_of(refused) == code
        assert "secret" not in refused.text

    async def test_an_operator_sees_where_it_leads(self, client: AsyncClient, operator: Caller) -> None:
        made = await connected(client, operator, kind="openai_compatible", name="here", base_url="http://0x7f000001:9")

        assert made["base_url"] == "http://127.0.0.1:9/v1"
