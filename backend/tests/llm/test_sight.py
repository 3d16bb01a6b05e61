"""Whether a model looks at pictures: what its provider says, what it has refused, what the book says, or nothing."""

from dataclasses import replace
from typing import Any

import pytest

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.describe import ModelDescriptions
from coda.llm.dialects.refusals import IMAGES
from coda.llm.discovery.rows import capabilities_of
from coda.llm.pricing import PriceBook
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address, ListedModel, Offer, Provider
from coda.llm.schemas import CapabilitiesRead
from coda.llm.types import Capabilities, Health


def provider(http: OutboundHttp, *models: ListedModel) -> Provider:
    address = Address("x", "X", KINDS["openai"], source="test", base_url="https://api.openai.com/v1", key="sk-key")
    made = ProviderFactory(http, LlmSettings()).build(address)
    made.offer = Offer(Health("up"), models)
    return made


def sight(subject: Provider, name: str) -> tuple[str, bool]:
    """What the API tells: the word, and the boolean beside it."""
    info, _ = ModelDescriptions(PriceBook(), LlmSettings()).of(subject, name)
    read = CapabilitiesRead.of(info.capabilities)
    return read.sight, read.vision


def listed(name: str, *, vision: bool | None) -> ListedModel:
    return ListedModel(name, capabilities=Capabilities(vision=vision))


async def test_the_providers_word_comes_first(http: OutboundHttp) -> None:
    subject = provider(http, listed("seer", vision=True), listed("gpt-4o", vision=False))

    assert sight(subject, "seer") == ("sees", True)
    assert sight(subject, "gpt-4o") == ("blind", False)


async def test_the_book_knows_who_sees_and_not_who_does_not(http: OutboundHttp) -> None:
    subject = provider(http, ListedModel("gpt-4o"), listed("gpt-4o-mini", vision=None), ListedModel("gpt-3.5-turbo"))

    assert sight(subject, "gpt-4o") == ("sees", True)
    assert sight(subject, "gpt-4o-mini") == ("sees", True)
    assert sight(subject, "gpt-3.5-turbo") == ("unknown", False)


async def test_nothing_is_known_of_a_model_that_nobody_describes(http: OutboundHttp) -> None:
    assert sight(provider(http), "of-my-own") == ("unknown", False)


async def test_who_has_refused_pictures_is_blind_whatever_is_said(http: OutboundHttp) -> None:
    subject = provider(http, listed("seer", vision=True))
    subject.dialects.keep("seer", replace(subject.dialects.of("seer"), refuses=frozenset({IMAGES})))

    assert sight(subject, "seer") == ("blind", False)


@pytest.mark.parametrize(
    ("row", "vision"),
    [
        ({"architecture": {"input_modalities": ["text", "image"]}}, True),
        ({"architecture": {"input_modalities": ["text"]}}, False),
        ({"architecture": {}}, None),
        ({}, None),
    ],
)
def test_a_list_that_says_nothing_of_pictures_does_not_deny_them(row: dict[str, Any], vision: bool | None) -> None:
    can = capabilities_of({"supported_parameters": ["tools"], **row})

    assert can is not None
    assert can.vision is vision
