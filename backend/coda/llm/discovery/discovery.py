"""Keeps every provider's offer fresh in the background; nobody waits for a provider that is down."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress

import structlog

from coda.core.clock import now
from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.discovery.listing import MOST_MODELS, list_models, with_named
from coda.llm.errors import ModelError, ModelNotFound
from coda.llm.providers.kinds import Wire
from coda.llm.providers.provider import DISCOVERED, Address, Offer, Provider
from coda.llm.types import Health

_log = structlog.get_logger("coda.llm")
_AT_ONCE = 8


class Discovery:
    """Lists providers at an interval, and new ones at once."""

    def __init__(self, http: OutboundHttp, settings: LlmSettings) -> None:
        self._http = http
        self._interval = settings.discovery_interval.total_seconds()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[int, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._is_closed = False

    def start(self, providers: Callable[[], Awaitable[Iterable[Provider]]]) -> None:
        """List what `providers` gives, now and at the interval."""
        self._loop = asyncio.create_task(self._keep_fresh(providers), name="model discovery")

    async def close(self) -> None:
        """Stop listing, for good."""
        self._is_closed = True
        tasks = [task for task in (self._loop, *self._under_way.values()) if task is not None]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._under_way.clear()

    async def _keep_fresh(self, providers: Callable[[], Awaitable[Iterable[Provider]]]) -> None:
        while True:
            for provider in await providers():
                self.refresh(provider)
            await asyncio.sleep(self._interval)

    def refresh(self, provider: Provider) -> None:
        """List a provider in the background, unless that is under way."""
        key = id(provider)
        if provider.address.kind.wire is Wire.DEMO or key in self._under_way or self._is_closed:
            return
        task = asyncio.create_task(self._refresh(provider), name=f"list {provider.id}")
        self._under_way[key] = task
        task.add_done_callback(lambda _: self._under_way.pop(key, None))

    def forget(self, provider: Provider) -> None:
        """The provider is gone: stop listing it."""
        task = self._under_way.get(id(provider))
        if task is not None:
            task.cancel()

    async def _refresh(self, provider: Provider) -> None:
        async with self._slots:
            was = provider.offer.health.status
            provider.offer = await self.offer_of(provider.address, before=provider.offer)
        health = provider.offer.health
        if health.status != was and not (provider.address.source == DISCOVERED and was == "unknown"):
            _log.info("provider health", provider=provider.id, host=provider.host, status=health.status,
                      detail=health.detail, models=len(provider.offer.models))  # fmt: skip

    async def offer_of(self, address: Address, *, before: Offer | None = None) -> Offer:
        """What an address offers now; where it does not answer, what it offered before, as down."""
        checked_at = now().isoformat()
        try:
            models = await list_models(self._http, address)
        except ModelError as error:
            return _without_list(address, error, before, checked_at)
        is_cut = len(models) >= MOST_MODELS
        note = f"It lists more than {MOST_MODELS:,} models; the others can be asked for by name." if is_cut else None
        return Offer(Health("up", note, checked_at), models)

    async def wait_for_first(self, providers: Sequence[Provider], *, seconds: float) -> None:
        """Wait a moment for providers that were never listed; those that take longer show as unknown."""
        pending = [
            task
            for provider in providers
            if provider.offer.health.status == "unknown" and (task := self._under_way.get(id(provider))) is not None
        ]
        if pending:
            await asyncio.wait(pending, timeout=seconds)


def _without_list(address: Address, error: ModelError, before: Offer | None, checked_at: str) -> Offer:
    """What is known of an address that gave no list. Some servers have none: then names by hand are all there is."""
    known = before.models if before is not None and before.models else with_named((), address)
    if isinstance(error, ModelNotFound) and address.names:
        return Offer(Health("unknown", "It does not list its models; the named ones are shown.", checked_at), known)
    return Offer(Health("down", error.message, checked_at), known)
