"""Providers from the environment, and lists of models in all their forms."""

import asyncio
import json
from threading import get_ident
from time import thread_time
from typing import Any

import orjson
import pytest
from aiohttp import web
from pydantic import SecretStr

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings, Settings
from coda.llm.available import AvailableModels
from coda.llm.describe import ModelDescriptions
from coda.llm.discovery.discovery import Discovery
from coda.llm.discovery.listing import MOST_MODELS
from coda.llm.pricing import PriceBook
from coda.llm.providers.factory import ProviderFactory, environment_addresses
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address, ListedModel, Offer
from coda.llm.types import Capabilities, Health


def with_environment(**fields: Any) -> list[Address]:  # noqa: ANN401 - any setting
    quiet = LlmSettings(probe_ollama=fields.pop("probe_ollama", False))
    return environment_addresses(Settings().model_copy(update={"llm": quiet, **fields}))


class TestEnvironment:
    def test_nothing_set_is_nothing(self) -> None:
        assert with_environment() == []

    def test_a_key_alone_means_the_makers_address(self) -> None:
        (address,) = with_environment(anthropic_api_key=SecretStr("k"))

        assert (address.id, address.base_url) == ("anthropic", "https://api.anthropic.com")
        assert address.headers() == {"x-api-key": "k"}
        assert "'k'" not in repr(address)

    def test_an_address_alone_needs_no_key(self) -> None:
        (address,) = with_environment(openai_base_url="http://box:8000/v1/")

        assert (address.base_url, address.key, address.headers()) == ("http://box:8000/v1", None, {})

    @pytest.mark.parametrize("key", ["k\n", " k ", '"k"', "k\r\n"])
    def test_a_key_is_read_without_what_came_along(self, key: str) -> None:
        (address,) = with_environment(anthropic_api_key=SecretStr(key))

        assert address.key == "k"

    @pytest.mark.parametrize(
        ("setting", "written", "meant"),
        [
            ("anthropic_base_url", " https://proxy.test/v1/ ", "https://proxy.test"),
            ("anthropic_base_url", "https://proxy.test/v1/messages", "https://proxy.test"),
            ("openai_base_url", "http://box:8000/v1 \n", "http://box:8000/v1"),
            ("openai_base_url", "http://box:8000/v1/chat/completions", "http://box:8000/v1"),
            ("gemini_base_url", "https://proxy.test/v1beta", "https://proxy.test"),
            ("ollama_host", "http://box:11434/v1/", "http://box:11434"),
        ],
    )
    def test_an_address_is_what_was_meant(self, setting: str, written: str, meant: str) -> None:
        (address,) = with_environment(**{setting: written})

        assert address.base_url == meant

    def test_ollama_is_looked_for(self) -> None:
        (address,) = with_environment(probe_ollama=True)

        assert (address.source, address.base_url) == ("discovered", "http://127.0.0.1:11434")

    def test_ollama_host_is_believed(self) -> None:
        (address,) = with_environment(ollama_host="box")

        assert (address.source, address.base_url) == ("environment", "http://box:11434")

    @pytest.mark.parametrize(
        ("version", "url"),
        [
            ("2024-10-21", "https://a.example/openai/deployments/my%2Fgpt/chat/completions?api-version=2024-10-21"),
            (None, "https://a.example/openai/v1/chat/completions"),
            ("preview", "https://a.example/openai/v1/chat/completions?api-version=preview"),
        ],
    )
    def test_azure(self, http: OutboundHttp, version: str | None, url: str) -> None:
        (address,) = with_environment(
            azure_api_key=SecretStr("k"),
            azure_api_base="https://a.example/",
            azure_api_version=version,
            azure_deployments="one, two",
        )
        provider = ProviderFactory(http, LlmSettings()).build(address)

        assert provider.adapter._endpoint.url_for("my/gpt") == url  # type: ignore[attr-defined]  # it is an OpenAIWire
        assert provider.host == "a.example"
        assert [model.name for model in provider.offer.models] == ["one", "two"]


LISTS: dict[str, tuple[str, Any]] = {
    "openai": (
        "/models",
        {"data": [{"id": "gpt-5"}, {"id": "text-embedding-3-large"}, {"id": "whisper-1"}, {"id": "gpt-4o"}]},
    ),
    "openai_compatible": (
        "/models",
        {
            "data": [
                {"id": "vllm", "max_model_len": 4096},
                {"id": "llama.cpp", "meta": {"n_ctx": 8192}},
                {"id": "groq", "context_window": 16384},
                {"id": "mistral", "max_context_length": 32768},
            ]
        },
    ),
    "openrouter": (
        "/models",
        {
            "data": [
                {
                    "id": "maker/model",
                    "context_length": 200000,
                    "architecture": {"input_modalities": ["text", "image"]},
                    "top_provider": {"max_completion_tokens": 8000},
                    "supported_parameters": ["tools", "reasoning"],
                    "pricing": {"prompt": "0.000003", "completion": "0.000015", "input_cache_read": "0.0000003"},
                },
                {"id": "auto", "pricing": {"prompt": "-1", "completion": "-1"}},
            ]
        },
    ),
    "anthropic": ("/v1/models", {"data": [{"id": "claude-x", "type": "model"}]}),
    "gemini": (
        "/v1beta/models",
        {
            "models": [
                {
                    "name": "models/gemini-x",
                    "inputTokenLimit": 1000000,
                    "outputTokenLimit": 8192,
                    "supportedGenerationMethods": ["generateContent"],
                },
                {"name": "models/embedding-001", "supportedGenerationMethods": ["embedContent"]},
            ]
        },
    ),
    "azure": ("/openai/deployments", {"data": [{"id": "my-gpt", "model": "gpt-4o"}]}),
}


async def offer_of(http: OutboundHttp, kind: str, body: bytes, *, status: int = 200, **fields: Any) -> Offer:  # noqa: ANN401 - fields of Address
    path = LISTS[kind][0]

    async def answer(request: web.Request) -> web.Response:
        assert any("key" in request.headers.get(name, "") for name in KINDS[kind].key_headers or {})
        return web.Response(body=body, status=status, content_type="application/json")

    server = web.Application()
    server.router.add_get(path, answer)
    server.router.add_get("/openai/models", answer)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    address = Address(kind, kind, KINDS[kind], source="test", base_url=base_url, key="key", **fields)
    try:
        return await Discovery(http, LlmSettings()).offer_of(address)
    finally:
        await runner.cleanup()


class TestLists:
    async def listed(self, http: OutboundHttp, kind: str) -> Offer:
        offer = await offer_of(http, kind, orjson.dumps(LISTS[kind][1]))
        assert offer.health.status == "up", offer.health.detail
        return offer

    async def test_openai_without_what_cannot_chat(self, http: OutboundHttp) -> None:
        offer = await self.listed(http, "openai")

        assert [model.name for model in offer.models] == ["gpt-5", "gpt-4o"]

    async def test_windows_by_whatever_name(self, http: OutboundHttp) -> None:
        offer = await self.listed(http, "openai_compatible")

        assert {model.name: model.context_window for model in offer.models} == {
            "groq": 16384, "llama.cpp": 8192, "mistral": 32768, "vllm": 4096,
        }  # fmt: skip

    async def test_openrouter_with_prices(self, http: OutboundHttp) -> None:
        model, auto = (await self.listed(http, "openrouter")).models

        assert auto.price is None
        assert model.price is not None
        assert f"{model.price.input_per_million:f}" == "3.000000"
        assert model.capabilities == Capabilities(True, True, True)
        assert (model.context_window, model.max_output_tokens) == (200000, 8000)

    async def test_anthropic(self, http: OutboundHttp) -> None:
        assert [model.name for model in (await self.listed(http, "anthropic")).models] == ["claude-x"]

    async def test_gemini(self, http: OutboundHttp) -> None:
        (model,) = (await self.listed(http, "gemini")).models

        assert (model.name, model.context_window, model.max_output_tokens) == ("gemini-x", 1000000, 8192)

    async def test_azure_lists_deployments(self, http: OutboundHttp) -> None:
        assert [model.name for model in (await self.listed(http, "azure")).models] == ["my-gpt"]

    async def test_azure_with_given_deployments_only_checks_the_key(self, http: OutboundHttp) -> None:
        good = await offer_of(http, "azure", b"{}", fixed_models=("a",))
        bad = await offer_of(http, "azure", b"{}", status=401, fixed_models=("a",))

        assert (good.health.status, [model.name for model in good.models]) == ("up", ["a"])
        assert bad.health.status == "down"

    @pytest.mark.parametrize(
        ("body", "names"),
        [
            ({"object": "list", "data": None}, []),
            ({"data": []}, []),
            (["a", "b"], ["a", "b"]),
            ({"data": ["a", {"id": "b"}, None, 7, {}, {"id": None}, {"id": ""}, {"id": "a\nb"}, [1]]}, ["a", "b"]),
            ({"models": [{"name": "a"}, {"model": "b"}]}, ["a", "b"]),
            ({"data": [{"id": "a"}, {"id": "a"}]}, ["a"]),
            ({"data": [{"id": "mattshumer/Reflection-70B"}, {"id": "maker/tts-1"}]}, ["mattshumer/Reflection-70B"]),
        ],
    )
    async def test_what_is_good_of_a_list_is_taken(self, http: OutboundHttp, body: Any, names: list[str]) -> None:  # noqa: ANN401 - any JSON value
        offer = await offer_of(http, "openai_compatible", orjson.dumps(body))

        assert offer.health.status == "up"
        assert [model.name for model in offer.models] == names

    @pytest.mark.parametrize(
        ("size", "window"),
        [("128k", 128_000), ("1M", 1_000_000), ("32,768", 32_768), (8192.0, 8192), ("-1", None), (0, None), ([], None),
         (True, None), (10**30, None), ("much", None)],
    )  # fmt: skip
    async def test_a_window_in_any_form(self, http: OutboundHttp, size: Any, window: int | None) -> None:  # noqa: ANN401 - any JSON value
        body = {"data": [{"id": "a", "context_length": size}, {"id": "b", "context_window": 4096}]}
        offer = await offer_of(http, "openai_compatible", json.dumps(body).encode())

        assert [model.context_window for model in offer.models] == [window, 4096]

    @pytest.mark.parametrize("price", ["free", None, [], "1e999", "NaN", {"prompt": "x"}])
    async def test_an_odd_price_is_none(self, http: OutboundHttp, price: Any) -> None:  # noqa: ANN401 - any JSON value
        row = {"id": "a", "pricing": {"prompt": price, "completion": "0.1"}, "supported_parameters": None}
        offer = await offer_of(http, "openrouter", orjson.dumps({"data": [row, {"id": "b", "pricing": price}]}))

        assert [(model.name, model.price) for model in offer.models] == [("a", None), ("b", None)]

    async def test_a_long_list_is_whole(self, http: OutboundHttp) -> None:
        rows = [{"id": f"maker/model-{number}", "description": "x" * 2000} for number in range(5_000)]
        offer = await offer_of(http, "openrouter", orjson.dumps({"data": rows}))

        assert len(offer.models) == 5_000

    async def test_of_a_list_without_end_the_first_are_taken(self, http: OutboundHttp) -> None:
        rows = [{"id": f"model-{number:05}"} for number in range(2 * MOST_MODELS)]
        offer = await offer_of(http, "openai_compatible", orjson.dumps({"data": rows}))

        assert (len(offer.models), offer.models[-1].name) == (MOST_MODELS, f"model-{MOST_MODELS - 1:05}")
        assert "more than" in (offer.health.detail or "")

    @pytest.mark.parametrize("body", [b"[" + b"1," * 1_000_000 + b"1]", b"[" * 50_000, b'["' + b'","' * 1_000_000])
    async def test_a_list_that_takes_long_to_parse_is_not_parsed(self, http: OutboundHttp, body: bytes) -> None:
        offer = await offer_of(http, "openai_compatible", body)

        assert offer.health.status == "down"
        assert "too much" in (offer.health.detail or "")

    async def test_others_get_on_while_a_list_is_read(
        self, http: OutboundHttp, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        readers: list[int] = []

        def name_of(row: Any) -> str:  # noqa: ANN401 - any JSON value
            readers.append(get_ident())
            return str(row["id"])

        monkeypatch.setattr("coda.llm.discovery.rows._name_of", name_of)
        offer = await offer_of(http, "openai_compatible", orjson.dumps({"data": [{"id": "a"}]}))

        assert [model.name for model in offer.models] == ["a"]
        assert readers
        assert get_ident() not in readers

    async def test_names_by_hand_join_the_list(self, http: OutboundHttp) -> None:
        body = orjson.dumps({"data": [{"id": "listed", "max_model_len": 4096}, {"id": "other"}]})
        offer = await offer_of(http, "openai_compatible", body, fixed_models=("mine", "listed"))

        assert [(model.name, model.context_window) for model in offer.models] == [
            ("mine", None), ("listed", 4096), ("other", None),
        ]  # fmt: skip

    async def test_a_server_without_a_list_has_the_names_by_hand(self, http: OutboundHttp) -> None:
        offer = await offer_of(http, "openai_compatible", b"", status=404, fixed_models=("mine",))

        assert (offer.health.status, [model.name for model in offer.models]) == ("unknown", ["mine"])

    @pytest.mark.parametrize(
        ("body", "status", "says"),
        [
            (b'{"error": {"message": "Loading."}}', 200, "Loading."),
            (b"<html>", 200, "not a valid answer"),
            (b'{"nothing": 1}', 200, "cannot be read"),
            (b"[1, 2]", 200, "cannot be read"),
            (b'{"error": {"message": "Bad key: key"}}', 401, "refused the key"),
            (b"oops", 500, "having trouble"),
            (b'{"detail": "Not Found"}', 404, "It said: Not Found"),
        ],
    )
    async def test_what_goes_wrong_is_a_sentence(self, http: OutboundHttp, body: bytes, status: int, says: str) -> None:
        offer = await offer_of(http, "openai", body, status=status)

        assert offer.health.status == "down"
        assert says in (offer.health.detail or "")


async def test_telling_of_many_models_takes_time_in_proportion(http: OutboundHttp) -> None:
    provider = ProviderFactory(http, LlmSettings()).build(
        Address("many", "Many", KINDS["openai_compatible"], source="test", base_url="http://many.test/v1")
    )
    available = AvailableModels([provider], ModelDescriptions(PriceBook(), LlmSettings()))

    def seconds(number: int) -> float:
        provider.offer = Offer(Health("up"), [ListedModel(f"model-{each}") for each in range(number)])
        begun = thread_time()
        assert len(available.models()) == number
        return thread_time() - begun

    def proportion() -> float:
        return seconds(8_000) / seconds(1_000)

    # Beside the loop, as it is told of in life.
    assert min([await asyncio.to_thread(proportion) for _ in range(4)]) < 8 * 2.5  # a square would be 8 * 8
