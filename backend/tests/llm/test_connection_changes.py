"""Changing connections: what stays, what is refused, and where a key goes."""

import asyncio

import pytest
from httpx import AsyncClient

from coda.access.roles import Role
from tests.callers import Caller, Town
from tests.llm.connections import KEY, body_of, change, code_of, connect, connected, listed, model_ids
from tests.simulators.faults import FaultServer


@pytest.fixture
async def operator(town: Town) -> Caller:
    """An administrator who also runs the machine."""
    return await town.settle(await town.found(), Role.ADMIN, is_operator=True)


@pytest.fixture
async def admin(town: Town, operator: Caller) -> Caller:
    """Another administrator of the operator's organization, who does not run the machine."""
    return await town.settle(operator.principal.org_id, Role.ADMIN)


class TestChange:
    async def test_what_is_left_out_stays(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        made = await connected(
            client, operator, kind="openai_compatible", name="Box", base_url=module_faults.url, api_key=KEY
        )
        renamed = body_of(await change(client, operator, made["id"], name="The big box"))

        assert renamed == made | {"name": "The big box"}
        assert (await listed(client, operator))[made["id"]]["key_hint"] == "…6789"
        assert "box/ok" in await model_ids(client, operator)

    async def test_another_key_is_used_at_once(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        made = await connected(client, operator, kind="openai_compatible", name="turn", base_url=module_faults.url)
        question = {"model": "turn/ok", "messages": [{"role": "user", "content": "hi"}]}
        for key, sent in (("sk-another-0000001111", "Bearer sk-another-0000001111"), (None, None)):
            changed = body_of(await change(client, operator, made["id"], key=key))
            body_of(await client.post("/v1/chat/completions", json=question, headers=operator.headers))

            assert changed["key_hint"] == ("…1111" if key else None)
            assert module_faults.headers[-1].get("Authorization") == sent

    async def test_null_gives_the_name_and_address_of_the_kind(self, client: AsyncClient, operator: Caller) -> None:
        made = await connected(
            client, operator, kind="openai", name="Mine", base_url="http://127.0.0.1:9/v1", api_key=KEY
        )
        changed = body_of(await change(client, operator, made["id"], name=None, base_url=None, key=KEY))

        assert (changed["name"], changed["base_url"]) == ("OpenAI", "https://api.openai.com/v1")
        assert changed["provider"] == "mine"

    @pytest.mark.parametrize(
        ("fields", "status"),
        [
            ({"kind": "ollama"}, 422),
            ({"name": ""}, 422),
            ({"key": None}, 422),
            ({"key": "key with\nnewline"}, 422),
            ({"base_url": "http://[", "key": KEY}, 422),
            ({"base_url": "ftp://example.org", "key": KEY}, 422),
            ({"base_url": "http://169.254.169.254", "key": KEY}, 403),
            ({"visible_to": "all"}, 422),
            ({"visible_to": []}, 422),
        ],
    )
    async def test_what_is_refused(
        self, client: AsyncClient, operator: Caller, fields: dict[str, object], status: int
    ) -> None:
        made = await connected(client, operator, kind="openai", api_key=KEY)
        response = await change(client, operator, made["id"], **fields)

        assert response.status_code == status, response.text
        assert (await listed(client, operator))[made["id"]]["base_url"] == made["base_url"]

    async def test_two_of_one_name_at_the_same_moment_are_one(self, client: AsyncClient, operator: Caller) -> None:
        answers = await asyncio.gather(
            *(connect(client, operator, kind="openai", name="Twin", api_key=KEY) for _ in range(6))
        )

        assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]


class TestKeyAndAddress:
    """A key that was entered for one address is never sent to another: that is how keys are stolen."""

    @pytest.mark.parametrize("path", ["", "/other/v1"])
    async def test_a_stored_key_does_not_go_to_a_new_address(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer, path: str
    ) -> None:
        made = await connected(
            client, operator, kind="openai_compatible", base_url="http://127.0.0.1:9/v1", api_key=KEY
        )
        asked = len(module_faults.headers)
        response = await change(client, operator, made["id"], base_url=f"{module_faults.url}{path}")

        assert response.status_code == 422
        assert code_of(response) == "llm.connection_key_needed"
        assert (await listed(client, operator))[made["id"]]["base_url"] == "http://127.0.0.1:9/v1"
        assert module_faults.headers[asked:] == []

    async def test_a_new_address_takes_a_new_key_or_none(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        made = await connected(
            client, operator, kind="openai_compatible", base_url="http://127.0.0.1:9/v1", api_key=KEY
        )
        without = body_of(await change(client, operator, made["id"], base_url=module_faults.url, key=None))
        moved = body_of(await change(client, operator, made["id"], base_url="http://127.0.0.1:10/v1"))

        assert (without["base_url"], without["key_hint"]) == (f"{module_faults.url}/v1", None)
        assert moved["base_url"] == "http://127.0.0.1:10/v1"

    async def test_the_same_address_in_another_spelling_is_no_new_one(
        self, client: AsyncClient, operator: Caller
    ) -> None:
        made = await connected(
            client, operator, kind="openai_compatible", base_url="http://127.0.0.1:9/v1", api_key=KEY
        )

        same = body_of(await change(client, operator, made["id"], base_url="127.0.0.1:9"))
        assert same["key_hint"] == "…6789"


class TestReach:
    """What only operators may point into a private network stays so when others change it."""

    async def test_an_administrator_moves_an_operators_connection_to_public_addresses_only(
        self, client: AsyncClient, operator: Caller, admin: Caller
    ) -> None:
        made = await connected(client, operator, kind="openai_compatible", base_url="http://127.0.0.1:9", api_key=KEY)

        inside = await change(client, admin, made["id"], base_url="http://10.0.0.5/v1", key=KEY)
        asked = await change(client, admin, made["id"], allow_private=True)
        outside = body_of(await change(client, admin, made["id"], base_url="https://93.184.216.34/v1", key=KEY))

        assert (inside.status_code, code_of(inside)) == (403, "http.address_refused")
        assert (asked.status_code, code_of(asked)) == (403, "organizations.operators_only")
        assert outside["allow_private"] is False

    async def test_an_administrator_renames_it_where_it_is(
        self, client: AsyncClient, operator: Caller, admin: Caller
    ) -> None:
        made = await connected(client, operator, kind="openai_compatible", base_url="http://127.0.0.1:9", api_key=KEY)
        renamed = body_of(await change(client, admin, made["id"], name="Ours", base_url=made["base_url"]))

        assert (renamed["name"], renamed["allow_private"]) == ("Ours", True)

    async def test_a_private_address_cannot_stay_where_it_is_no_longer_allowed(
        self, client: AsyncClient, operator: Caller
    ) -> None:
        made = await connected(client, operator, kind="openai_compatible", base_url="http://127.0.0.1:9", api_key=KEY)

        refused = await change(client, operator, made["id"], allow_private=False)
        assert code_of(refused) == "http.address_refused"
        public = {"base_url": "https://93.184.216.34/v1", "key": KEY, "allow_private": False}
        assert body_of(await change(client, operator, made["id"], **public))["allow_private"] is False


class TestTryStored:
    async def test_the_stored_key_is_used_and_not_shown(
        self, client: AsyncClient, operator: Caller, module_faults: FaultServer
    ) -> None:
        made = await connected(client, operator, kind="openai_compatible", base_url=module_faults.url, api_key=KEY)
        response = await client.post(f"/api/v1/connections/{made['id']}/test", headers=operator.headers)

        assert body_of(response)["models"] == ["ok", "whole"]
        assert KEY not in response.text
        assert module_faults.listing_headers[-1]["Authorization"] == f"Bearer {KEY}"

    async def test_a_connection_that_is_not_there(self, client: AsyncClient, operator: Caller) -> None:
        nowhere = "/api/v1/connections/019c9e00-0000-7000-8000-00000000c001/test"
        response = await client.post(nowhere, headers=operator.headers)

        assert (response.status_code, code_of(response)) == (404, "llm.connection_not_found")
