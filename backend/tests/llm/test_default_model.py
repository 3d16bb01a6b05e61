"""Which model answers where nobody names one: the last used, else what was set, else the first healthy one."""

from dataclasses import replace
from typing import Final, Literal

import pytest

from coda.core.breaker import FAILURES_TO_OPEN
from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.available import DEMO_MODEL, AvailableModels
from coda.llm.describe import ModelDescriptions
from coda.llm.errors import ProviderUnavailable
from coda.llm.pricing import PriceBook
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address, ListedModel, Offer, Provider
from coda.llm.types import Capabilities, Health

HealthStatus = Literal["up", "down", "unknown"]

WITH_TOOLS: Final = Capabilities(tools=True, reasoning=False, vision=False)
WITHOUT: Final = replace(WITH_TOOLS, tools=False)


@pytest.fixture
def factory(http: OutboundHttp) -> ProviderFactory:
    return ProviderFactory(http, LlmSettings())


def provider(factory: ProviderFactory, name: str, *models: str | ListedModel, status: HealthStatus = "up") -> Provider:
    address = Address(name, name, KINDS["openai_compatible"], source="test", base_url=f"http://{name}.test/v1")
    made = factory.build(address)
    listed = [ListedModel(each, capabilities=WITH_TOOLS) if isinstance(each, str) else each for each in models]
    made.offer = Offer(Health(status), listed)
    return made


def available(factory: ProviderFactory, *providers: Provider, **defaults: str) -> AvailableModels:
    return AvailableModels([*providers, factory.demo()], ModelDescriptions(PriceBook(), LlmSettings()), **defaults)


class TestDefault:
    def test_the_last_used_then_the_organizations_then_the_settings(self, factory: ProviderFactory) -> None:
        one = provider(factory, "one", "a", "b", "c")
        subject = available(factory, one, organization_default="one/b", instance_default="one/c")

        assert subject.default("one/a") == "one/a"
        assert subject.default(None) == subject.chosen_default == "one/b"
        assert available(factory, one, instance_default="one/c").default(None) == "one/c"
        assert available(factory, one, instance_default="one/c").chosen_default == "one/c"

    def test_what_cannot_be_had_is_passed_over(self, factory: ProviderFactory) -> None:
        providers = provider(factory, "down", "a", status="down"), provider(factory, "one", "b")
        subject = available(factory, *providers, organization_default="gone/x", instance_default="down/a")

        assert subject.default("down/a") == "one/b"

    def test_the_first_in_the_order_of_its_provider_not_of_the_alphabet(self, factory: ProviderFactory) -> None:
        subject = available(factory, provider(factory, "one", "newest", "best", "a-old"))

        assert subject.default(None) == "one/newest"
        assert [model.name for model in subject.models()] == ["a-old", "best", "newest", "coda"]

    def test_one_that_fails_is_not_healthy(self, factory: ProviderFactory) -> None:
        one = provider(factory, "one", "failing", "well")
        for _ in range(FAILURES_TO_OPEN):
            one.breakers.of("failing").failed(ProviderUnavailable())

        assert available(factory, one).default(None) == "one/well"

    def test_one_that_takes_tools_where_there_is_one(self, factory: ProviderFactory) -> None:
        embedding = ListedModel("embedding", capabilities=WITHOUT)

        assert available(factory, provider(factory, "one", embedding, "chat")).default(None) == "one/chat"
        assert available(factory, provider(factory, "one", embedding)).default(None) == "one/embedding"

    @pytest.mark.parametrize("status", ["down", "unknown"])
    def test_the_demo_where_nothing_is_there(self, factory: ProviderFactory, status: HealthStatus) -> None:
        assert available(factory, provider(factory, "one", "a", status=status)).default(None) == DEMO_MODEL
