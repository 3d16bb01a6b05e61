"""What calls cost."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from coda.llm.gateway import ResolvedModel
from coda.llm.pricing import ModelFacts, PriceBook, cost_at
from coda.llm.providers.options import read_options
from coda.llm.types import Capabilities, ChatRequest, ChatUsage, Health, ModelInfo, Price


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook()


def facts(book: PriceBook, name: str, *, host: str = "api.openai.com", kind: str = "openai") -> ModelFacts:
    return book.find(model_id=f"{kind}/{name}", host=host, kind=kind, name=name)


class TestPriceBook:
    def test_a_model_at_its_maker(self, book: PriceBook) -> None:
        found = facts(book, "gpt-4o")

        assert found.price is not None
        assert found.price.input_per_million == Decimal("2.5")
        assert found.price.version == "2026-11-21"
        assert found.context_window == 128_000
        assert found.capabilities is not None
        assert found.capabilities.tools

    def test_elsewhere_the_price_is_unknown_but_the_size_is_likely(self, book: PriceBook) -> None:
        found = facts(book, "gpt-4o", host="127.0.0.1:9999")

        assert found.price is None
        assert found.cost_of(ChatUsage(1000, 1000)) is None
        assert found.context_window == 128_000

    def test_an_unknown_model_is_unknown(self, book: PriceBook) -> None:
        assert facts(book, "no-such-model") == ModelFacts()

    def test_azure_is_known_by_its_host(self, book: PriceBook) -> None:
        assert facts(book, "gpt-4o", host="mine.openai.azure.com", kind="azure").price is not None

    def test_own_prices_go_first(self, tmp_path: Path) -> None:
        own = tmp_path / "prices.json"
        own.write_text(json.dumps({"openai/gpt-4o": {"input": "1", "output": 2, "window": 5000}}))

        found = facts(PriceBook(own), "gpt-4o", host="127.0.0.1")

        assert found.cost_of(ChatUsage(1_000_000, 500_000)) == Decimal(2)
        assert found.price is not None
        assert found.price.version == "own prices"

    def test_no_price_in_the_book_is_zero(self, book: PriceBook) -> None:
        prices = [
            row[field]
            for models in book._book["providers"].values()
            for row in models.values()
            for field in ("input", "output")
            if field in row
        ]

        assert len(prices) > 1000
        assert min(Decimal(price) for price in prices) > 0


class TestCost:
    PRICE = Price(Decimal(2), Decimal(10), Decimal("0.5"), "test")

    def test_cached_input_is_a_part_of_the_input(self) -> None:
        usage = ChatUsage(1_000_000, 100_000, cached_input_tokens=400_000)

        assert cost_at(self.PRICE, usage) == Decimal("1.2") + Decimal("0.2") + Decimal(1)

    def test_cached_input_without_a_price_costs_as_input(self) -> None:
        price = Price(Decimal(2), Decimal(10), None, "test")

        assert cost_at(price, ChatUsage(1_000_000, 0, cached_input_tokens=1_000_000)) == Decimal(2)

    def test_nothing_is_rounded(self) -> None:
        assert cost_at(self.PRICE, ChatUsage(1, 1)) == Decimal("0.000012")

    def test_a_long_prompt_costs_more(self, book: PriceBook) -> None:
        found = facts(book, "gemini-2.5-pro", host="generativelanguage.googleapis.com", kind="gemini")

        assert found.cost_of(ChatUsage(200_000, 0)) == Decimal("0.25")
        assert found.cost_of(ChatUsage(200_001, 0)) == Decimal("0.5000025")

    def test_reasoning_is_a_part_of_the_output(self) -> None:
        price = Price(Decimal(2), Decimal(10), None, "test", reasoning_per_million=Decimal(20))

        assert cost_at(price, ChatUsage(0, 1_000_000, reasoning_tokens=400_000)) == Decimal(6) + Decimal(8)
        assert cost_at(self.PRICE, ChatUsage(0, 1_000_000, reasoning_tokens=400_000)) == Decimal(10)


def test_a_price_of_nothing_is_free_and_one_of_a_model_goes_before_that_of_all() -> None:
    nothing = {"input_per_million": "0", "output_per_million": "0"}
    options = read_options({"prices": [nothing, {**nothing, "model": "dear", "output_per_million": "3"}]}, {})
    free, dear = options.price_of("m"), options.price_of("dear")

    assert free is not None
    assert dear is not None
    assert (free.version, dear.version) == ("free", "own prices")
    assert cost_at(free, ChatUsage(1_000, 1_000)) == 0
    assert cost_at(dear, ChatUsage(0, 1_000_000)) == 3


class TestTiers:
    """The book knows one price a model: what is asked for sooner costs more, and nobody knows how much."""

    USAGE = ChatUsage(1_000, 1_000, confidence="computed")

    @pytest.mark.parametrize(
        ("extra", "is_priced"),
        [
            ({}, True),
            ({"service_tier": "flex"}, True),
            ({"service_tier": "priority"}, False),
            ({"speed": "fast"}, False),
        ],
    )
    def test_no_price_is_booked_that_does_not_hold(
        self, book: PriceBook, extra: dict[str, str], is_priced: bool
    ) -> None:
        model, request = model_of(facts(book, "gpt-4o")), ChatRequest("gpt-4o", (), extra=extra)
        booked = model.stream(request)._meter(self.USAGE)

        assert (booked.cost_usd is not None) == (booked.price_version is not None) == is_priced
        assert (model.worst_case_usd(request) is not None) == is_priced

    def test_a_price_of_ones_own_holds(self, tmp_path: Path) -> None:
        own = tmp_path / "prices.json"
        own.write_text(json.dumps({"openai/gpt-4o": {"input": "1", "output": 2}}))
        model = model_of(facts(PriceBook(own), "gpt-4o"))

        booked = model.stream(ChatRequest("gpt-4o", (), extra={"service_tier": "priority"}))._meter(self.USAGE)

        assert booked.cost_usd == Decimal("0.003")


def model_of(found: ModelFacts) -> ResolvedModel:
    """A model that nobody asks."""
    capabilities = found.capabilities or Capabilities()
    info = ModelInfo("openai/gpt-4o", "gpt-4o", "openai", 128_000, 4_096, capabilities, found.price, Health("up"))
    return ResolvedModel(info, "gpt-4o", "api.openai.com", found, adapter=None)  # type: ignore[arg-type]
