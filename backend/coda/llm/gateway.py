"""The one way to ask a model: finds the provider, wraps its adapter, and accounts for the call."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from coda.core.scope import Scope
from coda.core.settings import LlmSettings
from coda.llm.available import AvailableModels
from coda.llm.catalogue import Catalogue
from coda.llm.dialects.refusals import IMAGES, asked_values, may_leave_out
from coda.llm.errors import ImagesRefused, ParameterRefused
from coda.llm.estimate import prompt_tokens
from coda.llm.pricing import ModelFacts, cost_at, dearer_fields
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import Provider
from coda.llm.types import (
    ChatAdapter,
    ChatMessage,
    ChatRequest,
    ChatUsage,
    MeteredUsage,
    ModelInfo,
    Opaque,
    Pictures,
    ReasoningBlock,
)
from coda.llm.wrappers.breaking import Breaking
from coda.llm.wrappers.metering import ModelCall
from coda.llm.wrappers.observing import CallTarget, Observing
from coda.llm.wrappers.retrying import Retrying
from coda.llm.wrappers.showing import Showing
from coda.usage.types import UsageRecord

_USUAL_OUTPUT = 4096


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """A model that may be asked: what it is, and its adapter with everything around it.

    `usual_output`: the limit of an answer, in tokens, where its wire needs one and nobody has named one.
    `is_blind`: it is known to read text only. `refuses`: parameters that it never takes.
    """

    info: ModelInfo
    name: str
    host: str
    facts: ModelFacts
    adapter: ChatAdapter
    is_demo: bool = False
    usual_output: int | None = None
    is_blind: bool = False
    refuses: frozenset[str] = frozenset()

    def check(self, request: ChatRequest) -> None:
        """Raises ImagesRefused or ParameterRefused for what is known to be impossible, before anything is asked."""
        if self.is_blind and request.has_images:
            raise ImagesRefused
        for name in asked_values(request):
            if name in self.refuses and not may_leave_out(request, name):
                raise ParameterRefused(param=name)

    def stream(self, request: ChatRequest) -> ModelCall:
        """Ask the model; raises `coda.llm.errors` while iterating. The call must be iterated to its end or closed.

        Raises ImagesRefused and ParameterRefused at once.
        """
        self.check(request)
        window = request.context_window or self.info.context_window
        messages = [without_others(message, self.info) for message in request.messages]
        output = request.max_output_tokens or self.usual_output
        request = replace(request, model=self.name, context_window=window, messages=messages, max_output_tokens=output)
        return ModelCall(self.adapter, request, self._as_priced(request).meter)

    def meter(self, usage: ChatUsage) -> MeteredUsage:
        """What a call cost: by a price that was set here, else the provider's own figure, else by the price book.

        None is unpriced.
        """
        is_own = self.info.price is not None and self.info.price.is_own
        cost, confidence, version = None if is_own else usage.cost_usd, usage.confidence, None
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
            return self._as_priced(request)._computed(ChatUsage(prompt_tokens(request), self._most_output(request)))
        window = self.info.context_window
        if window is None:
            return None
        return self._computed(ChatUsage(window, self.info.max_output_tokens or window))

    def affordable_output(self, request: ChatRequest, budget_usd: Decimal, *, prompt_tokens: int) -> int | None:
        """The longest answer that a budget pays for after the prompt, in tokens, perhaps below 0.

        None where the call stays below it anyway, or has no known price.
        """
        most, priced = self._most_output(request), self._as_priced(request)
        worst, reading = (priced._computed(ChatUsage(prompt_tokens, output)) for output in (most, 0))
        if worst is None or reading is None or worst <= budget_usd:
            return None
        return -1 if worst == reading else int((budget_usd - reading) / (worst - reading) * most)

    def _as_priced(self, request: ChatRequest) -> Self:
        """The model without a price where the book's does not hold: for an answer that is asked for sooner."""
        price = self.info.price
        is_free = price is not None and price.input_per_million == price.output_per_million == 0
        if not dearer_fields(request.extra) or price is None or price.is_own or is_free:
            return self
        return replace(
            self, info=replace(self.info, price=None), facts=replace(self.facts, price=None, long_prompt=None)
        )

    def _most_output(self, request: ChatRequest) -> int:
        return request.max_output_tokens or self.info.max_output_tokens or self.usual_output or _USUAL_OUTPUT

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
        content=tuple(
            block for block in message.content if not isinstance(block, ReasoningBlock) or is_ours(block.opaque)
        ),
        tool_calls=tuple(call if is_ours(call.opaque) else replace(call, opaque=None) for call in message.tool_calls),
    )


def _blinding(provider: Provider, name: str) -> Callable[[], None]:
    """Remembers, as other refusals are remembered, that a model takes no pictures."""

    def refused() -> None:
        dialect = provider.dialects.of(name)
        provider.dialects.keep(name, replace(dialect, refuses=dialect.refuses | {IMAGES}))

    return refused


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
    """Opens models for a scope; adapters, breakers and retry budgets live as long as their providers."""

    def __init__(self, catalogue: Catalogue, settings: LlmSettings, pictures: Pictures | None = None) -> None:
        self.catalogue = catalogue
        self._settings, self._pictures = settings, pictures

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
        needs_limit = info.max_output_tokens is None
        return ResolvedModel(
            info=info,
            name=name,
            host=provider.host,
            facts=facts,
            adapter=self._wrapped(provider, name),
            is_demo=is_demo,
            usual_output=provider.dialects.of(name).usual_output if needs_limit else None,
            is_blind=info.capabilities.vision is False,
            refuses=provider.dialects.base.refuses,
        )

    def _wrapped(self, provider: Provider, name: str) -> ChatAdapter:
        is_listed = provider.find_model(name) is not None
        target = CallTarget(provider.id, provider.address.kind.name, provider.host, is_listed=is_listed)
        observed = Observing(provider.adapter, target)
        retried = Retrying(observed, max_tries=self._settings.max_tries, budget=provider.retry_budget)
        broken = Breaking(retried, provider.breakers.of(name))
        return broken if self._pictures is None else Showing(broken, self._pictures, _blinding(provider, name))
