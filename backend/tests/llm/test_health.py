"""A provider that lists its models and fails to answer is not up."""

import pytest

from coda.core.breaker import FAILURES_TO_OPEN, Breakers
from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.available import AvailableModels
from coda.llm.describe import ModelDescriptions
from coda.llm.errors import ModelError, ProviderBusy, ProviderPaused, ProviderUnavailable
from coda.llm.gateway import Gateway
from coda.llm.pricing import PriceBook
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address, Offer
from coda.llm.types import ChatMessage, ChatRequest, Health
from tests.simulators.scripted import Reply, ScriptedServer, says

REQUEST = ChatRequest("", [ChatMessage.of("user", "Hello?")])


async def test_while_calls_fail_it_is_down_in_its_own_words(http: OutboundHttp, scripted: ScriptedServer) -> None:
    settings = LlmSettings(max_tries=1)
    address = Address("x", "X", KINDS["openai_compatible"], source="test", base_url=f"{scripted.url}/v1")
    provider = ProviderFactory(http, settings).build(address)
    provider.offer = Offer(Health("up"))
    available = AvailableModels([provider], ModelDescriptions(PriceBook(), settings))
    gateway = Gateway(None, settings)  # type: ignore[arg-type]  # nothing is looked up
    scripted.begin(Reply.json({"error": {"message": "CUDA out of memory"}}, status=500))

    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ProviderUnavailable):
            await gateway.open_from(available, "x/m").stream(REQUEST).text()
    with pytest.raises(ProviderPaused, match="CUDA out of memory"):
        await gateway.open_from(available, "x/m").stream(REQUEST).text()

    info, _ = available.describe("x/m")
    assert (info.health.status, provider.health.status) == ("down", "down")
    assert "CUDA out of memory" in (info.health.detail or "")
    assert available.describe("x/other")[0].health.status == "up"

    scripted.begin(says("Fine."))
    assert await gateway.open_from(available, "x/other").stream(REQUEST).text() == "Fine."


def test_breakers_of_names_that_never_failed_are_forgotten() -> None:
    breakers = Breakers[ModelError]()
    failing = breakers.of("failing")
    failing.failed(ProviderUnavailable())
    for number in range(2000):
        breakers.of(f"made up {number}")

    assert breakers.of("failing") is failing
    assert len(breakers._by_name) < 600


async def test_calls_that_were_limited_do_not_close_a_model_for_others(
    http: OutboundHttp, scripted: ScriptedServer
) -> None:
    settings = LlmSettings()
    address = Address("x", "X", KINDS["openai_compatible"], source="test", base_url=f"{scripted.url}/v1")
    provider = ProviderFactory(http, settings).build(address)
    available = AvailableModels([provider], ModelDescriptions(PriceBook(), settings))
    gateway = Gateway(None, settings)  # type: ignore[arg-type]  # nothing is looked up
    limited = Reply.json({"error": {"message": "Slow down"}}, status=429, **{"Retry-After": "0"})
    scripted.begin(limited)

    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ProviderBusy):
            await gateway.open_from(available, "x/m").stream(REQUEST).text()
    scripted.begin(limited, says("Fine."))
    assert await gateway.open_from(available, "x/m").stream(REQUEST).text() == "Fine."
    assert provider.health.status != "down"
