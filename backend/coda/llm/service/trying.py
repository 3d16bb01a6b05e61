"""Asks a provider for its models without keeping what it says."""

from coda.access.principal import Principal
from coda.core.clock import Stopwatch
from coda.llm.discovery.discovery import Discovery
from coda.llm.providers.provider import Address
from coda.llm.schemas import ConnectionCreate, ConnectionTestRead
from coda.llm.service.addresses import requested_address
from coda.llm.service.stores import check_owner


async def try_connection(request: ConnectionCreate, principal: Principal, discovery: Discovery) -> ConnectionTestRead:
    """What a connection that is not stored would give; raises what storing it would raise."""
    check_owner(principal, request.owner)
    return await try_address(requested_address(request, principal), discovery)


async def try_address(address: Address, discovery: Discovery) -> ConnectionTestRead:
    """What a provider says now."""
    watch = Stopwatch()
    offer = await discovery.offer_of(address)
    names = [model.name for model in offer.models]
    return ConnectionTestRead(
        ok=offer.health.status == "up",
        models=names,
        error=offer.health.detail,
        latency_ms=watch.elapsed_ms(),
    )
