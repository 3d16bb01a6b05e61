"""The one way to ask a model: finds the provider, wraps its adapter, and accounts for the call."""

from dataclasses import dataclass, replace
from decimal import Decimal

from coda.core.recent import Recent
from coda.core.scope import Scope
from coda.core.settings import LlmSettings
from coda.llm.available import AvailableModels
from coda.llm.breaker import Breakers
from coda.llm.catalogue import Catalogue
from coda.llm.estimate import prompt_tokens
from coda.llm.pricing import ModelFacts, cost_at
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import Provider
from coda.llm.types import ChatAdapter, ChatMessage, ChatRequest, ChatUsage, MeteredUsage, ModelInfo, Opaque, TextBlock
from coda.llm.wrappers.breaking import Breaking
from coda.llm.wrappers.metering import ModelCall
from coda.llm.wrappers.observing import CallTarget, Observing
from coda.llm.wrappers.retrying import RetryBudget, Retrying
from coda.usage.types import UsageRecord

_USUAL_OUTPUT = 4096
_MOST_BUDGETS = 2_000


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model that may be asked: what it is, and its adapter with everything around it."""

    info: ModelInfo
    name: str
    host: str
    facts: ModelFacts
    adapter: ChatAdapter
    is_demo: bool = False

    def stream(self, request: ChatRequest) -> ModelCall:
        """Ask the model; raises `coda.llm.errors` while iterating. The call must be iterated to its end or closed."""
        window = request.context_window or self.info.context_window
        messages = [without_others(message, self.info) for message in request.messages]
        request = replace(request, model=self.name, context_window=window, messages=messages)
        return ModelCall(self.adapter, request, self.meter)

    def meter(self, usage: ChatUsage) -> MeteredUsage:
        """What a call cost: the provider's own figure, else tokens by the price book, else None (unpriced)."""
        cost, confidence, version = usage.cost_usd, usage.confidence, None
        if cost is None:
            cost = self._computed(usage)
            version = self.info.price.version if self.info.price is not None else None
            if confidence == "provider-reported" and cost is not None:
                confidence = "computed"
        return MeteredUsage(usage, cost, confidence, self.info.provider, self.name, self.host, version)

    def worst_case_usd(self, request: ChatRequest | None = None) -> Decimal | None:
        """What a call could cost at most, for a reservation; None where a price or a size is not known.

        Without a request: a whole window read, and the longest answer written.
        """
        if request is not None:
            output = request.max_output_tokens or self.info.max_output_tokens or _USUAL_OUTPUT
            return self._computed(ChatUsage(prompt_tokens(request), output))
        window = self.info.context_window
        if window is None:
            return None
        return self._computed(ChatUsage(window, self.info.max_output_tokens or window))

    def _computed(self, usage: ChatUsage) -> Decimal | None:
        from_book = self.facts.cost_of(usage)
        if from_book is None and self.info.price is not None:
            return cost_at(self.info.price, usage)
        return from_book


def without_others(message: ChatMessage, model: ModelInfo) -> ChatMessage:
    """The message without what another provider or model wants back: it may be refused here, and is not theirs."""

    def is_ours(opaque: Opaque | None) -> bool:
        return opaque is None or (opaque.provider, opaque.model) == (model.provider, model.name)

    if all(map(is_ours, (*message.opaques, *(call.opaque for call in message.tool_calls)))):
        return message
    return replace(
        message,
        content=tuple(block for block in message.content if isinstance(block, TextBlock) or is_ours(block.opaque)),
        tool_calls=tuple(call if is_ours(call.opaque) else replace(call, opaque=None) for call in message.tool_calls),
    )


def usage_record(metered: MeteredUsage) -> UsageRecord:
    """A metered call as the ledger books it."""
    usage = metered.usage
    return UsageRecord(
        provider=metered.provider,
        model=metered.model,
        host=metered.host,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        cost_usd=metered.cost_usd,
        confidence=metered.confidence,
        price_version=metered.price_version,
    )


class Gateway:
    """Opens models for a scope; adapters, breakers and retry budgets live as long as the process."""

    def __init__(self, catalogue: Catalogue, settings: LlmSettings, *, breakers: Breakers | None = None) -> None:
        self.catalogue = catalogue
        self._settings = settings
        self._breakers = breakers or Breakers()
        self._budgets: Recent[str, RetryBudget] = Recent(RetryBudget, most=_MOST_BUDGETS)

    async def available(self, scope: Scope) -> AvailableModels:
        """The models that may be opened in this scope. To be asked before a transaction is opened."""
        return await self.catalogue.available(scope.org_id)

    async def open(self, scope: Scope, model_id: str) -> ResolvedModel:
        """The model of this id (`provider/name`) for this scope; raises ModelNotFound."""
        return self.open_from(await self.available(scope), model_id)

    def open_from(self, models: AvailableModels, model_id: str) -> ResolvedModel:
        """The model of this id among those that were read before; raises ModelNotFound."""
        provider, name = models.find(model_id)
        info, facts = models.describe(model_id)
        is_demo = provider.address.kind.wire is Wire.DEMO
        return ResolvedModel(info, name, provider.host, facts, self._wrapped(provider, name), is_demo)

    def _wrapped(self, provider: Provider, name: str) -> ChatAdapter:
        owner = provider.connection_id or "environment"
        guarded = Breaking(provider.adapter, self._breakers.of(f"{owner}/{provider.id}/{name}"))
        is_listed = provider.find_model(name) is not None
        target = CallTarget(provider.id, provider.address.kind.name, provider.host, is_listed=is_listed)
        budget = self._budgets.of(f"{owner}/{provider.id}")
        return Retrying(Observing(guarded, target), max_tries=self._settings.max_tries, budget=budget)
