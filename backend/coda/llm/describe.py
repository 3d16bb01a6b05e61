"""What is known of a model: its provider's word first, then the price book's."""

from dataclasses import dataclass, replace

from coda.core.settings import LlmSettings
from coda.llm.dialects.refusals import IMAGES
from coda.llm.pricing import FREE, ModelFacts, PriceBook
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import ListedModel, Provider
from coda.llm.types import Capabilities, ModelInfo


@dataclass(frozen=True, slots=True)
class ModelDescriptions:
    """Describes models of any provider."""

    prices: PriceBook
    settings: LlmSettings

    def of(self, provider: Provider, name: str) -> tuple[ModelInfo, ModelFacts]:
        """A model of this name, listed or not."""
        listed = provider.find_model(name) or ListedModel(name)
        kind = provider.address.kind
        model_id = f"{provider.id}/{name}"
        facts = self.prices.find(model_id=model_id, host=provider.host, kind=kind.name, name=name)
        own = provider.address.options.price_of(name)
        if own is not None:
            facts = replace(facts, price=own, long_prompt=None)
        price = listed.price or (FREE if _is_free(provider, name) else None)
        if price is not None and facts.price is None:
            facts = replace(facts, price=price)
        info = ModelInfo(
            id=model_id,
            name=name,
            provider=provider.id,
            context_window=self._window(provider, listed, facts),
            max_output_tokens=listed.max_output_tokens or facts.max_output_tokens,
            capabilities=_capabilities(provider, listed, facts),
            price=facts.price,
            health=provider.health_of(name),
        )
        return info, facts

    def _window(self, provider: Provider, listed: ListedModel, facts: ModelFacts) -> int | None:
        window = listed.context_window or facts.context_window
        if provider.address.kind.wire is Wire.OLLAMA:
            most = self.settings.ollama_max_window
            return min(window, most) if window else most
        return window


def _is_free(provider: Provider, name: str) -> bool:
    """Whether a model runs on a machine of one's own; Ollama lends machines too, for models of this name."""
    is_lent = name.endswith("cloud") or provider.host.partition(":")[0].endswith("ollama.com")
    return provider.address.kind.is_free and not is_lent


def _capabilities(provider: Provider, listed: ListedModel, facts: ModelFacts) -> Capabilities:
    """Without what the model was found to refuse, or a person has said of its connection."""
    known = facts.capabilities or provider.address.kind.capabilities
    said = listed.capabilities or known
    refuses = provider.dialects.of(listed.name).refuses
    vision = False if IMAGES in refuses else known.vision if said.vision is None else said.vision
    return replace(said, tools=said.tools and "tools" not in refuses, vision=vision)
