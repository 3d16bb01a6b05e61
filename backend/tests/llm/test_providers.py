"""Providers from the environment, and lists of models in all their forms."""

from typing import Any

import orjson
import pytest
from aiohttp import web
from pydantic import SecretStr

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings, Settings
from coda.llm.discovery.discovery import Discovery
from coda.llm.providers.factory import ProviderFactory, environment_addresses
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address, Offer
from coda.llm.types import Capabilities


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

        assert [model.name for model in offer.models] == ["gpt-4o", "gpt-5"]

    async def test_windows_by_whatever_name(self, http: OutboundHttp) -> None:
        offer = await self.listed(http, "openai_compatible")

        assert {model.name: model.context_window for model in offer.models} == {
            "groq": 16384, "llama.cpp": 8192, "mistral": 32768, "vllm": 4096,
        }  # fmt: skip

    async def test_openrouter_with_prices(self, http: OutboundHttp) -> None:
        auto, model = (await self.listed(http, "openrouter")).models

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
        ("body", "status", "says"),
        [
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
