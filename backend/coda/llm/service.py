"""Use cases of an organization's provider connections."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from coda.access.principal import Principal
from coda.core.clock import Stopwatch
from coda.core.guarded_http import AddressRefused, OutboundError, Reach, is_reachable
from coda.core.guarded_http.client import check_url
from coda.core.ids import new_id
from coda.core.pagination import Cursor, Page, page_of
from coda.core.patterns import Characters
from coda.core.security import Seal
from coda.llm.discovery.discovery import Discovery
from coda.llm.errors import ConnectionExists, ConnectionInvalid, ConnectionNotFound
from coda.llm.models import ProviderConnection
from coda.llm.providers.cleaning import clean_base_url
from coda.llm.providers.kinds import KINDS, Wire
from coda.llm.providers.provider import Address
from coda.llm.repository import ProviderConnectionRepository
from coda.llm.schemas import ConnectionCreate, ConnectionTestRead

_HINT_LENGTH = 4
_SHORTEST_HINTED_KEY = 12
_NOT_IN_SLUG = Characters("^a-z0-9")
_MOST_NAMES = 20_000


@dataclass(frozen=True, slots=True)
class ConnectionService:
    """The connections of the caller's organization. To be given to its administrators only.

    `announce` tells every process of a change at its commit.
    """

    connections: ProviderConnectionRepository
    principal: Principal
    seal: Seal
    reserved_ids: frozenset[str]
    announce: Callable[[], Awaitable[None]]

    async def list_page(self, *, cursor: str | None, limit: int) -> Page[ProviderConnection]:
        """Newest first."""
        rows = await self.connections.list_page(cursor=Cursor.decode(cursor), limit=limit)
        return page_of(rows, limit=limit, key=lambda row: Cursor(row.created_at, row.id))

    async def create(self, request: ConnectionCreate) -> ProviderConnection:
        """Store a connection; raises ConnectionInvalid, ConnectionExists, AddressRefused."""
        address = requested_address(request, self.principal)
        connection_id = new_id()
        row = ProviderConnection(
            org_id=self.principal.org_id,
            id=connection_id,
            slug=await self._free_slug(request),
            kind=request.kind,
            name=request.name or address.name,
            base_url=address.base_url,
            sealed_key=self.seal.close(address.key, bound_to=str(connection_id)) if address.key else None,
            key_hint=_hint(address.key),
            allow_private=self.principal.is_operator,
            created_by=self.principal.user_id,
        )
        await self.connections.insert(row)
        await self.announce()
        return row

    async def _free_slug(self, request: ConnectionCreate) -> str:
        """The name as a part of model ids; without a name the kind, numbered where it is taken."""
        taken = self.reserved_ids | {row.slug for row in await self.connections.list_all()}
        wanted = _NOT_IN_SLUG.replaced((request.name or request.kind).lower(), "-").strip("-") or request.kind
        if wanted not in taken:
            return wanted
        if request.name is not None and wanted not in self.reserved_ids:
            raise ConnectionExists(wanted)
        return next(slug for number in range(2, len(taken) + 3) if (slug := f"{wanted}-{number}") not in taken)

    async def delete(self, connection_id: UUID) -> None:
        """Remove a connection; raises ConnectionNotFound."""
        if not await self.connections.delete(connection_id):
            raise ConnectionNotFound
        await self.announce()


async def try_connection(request: ConnectionCreate, principal: Principal, discovery: Discovery) -> ConnectionTestRead:
    """Ask a provider for its models without keeping anything."""
    address = requested_address(request, principal)
    watch = Stopwatch()
    offer = await discovery.offer_of(address)
    names = [model.name for model in offer.models]
    return ConnectionTestRead(
        ok=offer.health.status == "up",
        models=names[:_MOST_NAMES],
        error=offer.health.detail,
        latency_ms=watch.elapsed_ms(),
    )


def requested_address(request: ConnectionCreate, principal: Principal) -> Address:
    """Where a requested connection would lead; raises ConnectionInvalid, AddressRefused."""
    kind = KINDS[request.kind]
    key = request.api_key.get_secret_value().strip() if request.api_key is not None else None
    if kind.needs_key and not key:
        raise ConnectionInvalid(f"{kind.title} needs a key.", field="api_key")
    if key and not (key.isascii() and key.isprintable()):
        raise ConnectionInvalid("The key has characters that no key has. Copy it again.", field="api_key")
    reach = Reach.PRIVATE if principal.is_operator else Reach.PUBLIC
    if request.base_url is not None and kind.wire is Wire.LITELLM and not principal.is_operator:
        raise ConnectionInvalid(f"Only an operator may change the address of {kind.title}.", field="base_url")
    try:
        base_url = _base_url(request) or kind.base_url
    except ValueError:  # of urlsplit: a bracket that is never closed, a port that is no number
        raise ConnectionInvalid("This is not an address.", field="base_url") from None
    if base_url is None:
        raise ConnectionInvalid(f"{kind.title} needs an address.", field="base_url")
    _check(base_url, reach)
    return Address(kind.name, kind.title, kind, source="connection", base_url=base_url, key=key, reach=reach)


def _base_url(request: ConnectionCreate) -> str | None:
    """The address as it is asked. An OpenAI-compatible one without any path means `/v1`; `/` means no path."""
    return None if request.base_url is None else clean_base_url(KINDS[request.kind], request.base_url)


def _check(base_url: str, reach: Reach) -> None:
    try:
        check_url(base_url)
    except OutboundError as error:
        raise ConnectionInvalid(error.message, field="base_url") from None
    parts = urlsplit(base_url)
    if parts.query or parts.fragment:
        raise ConnectionInvalid("An address has no ? and no #.", field="base_url")
    host = parts.hostname or ""
    is_literal = host.replace(".", "").isdigit() or ":" in host
    if (is_literal and not is_reachable(host, reach)) or (host == "localhost" and reach is Reach.PUBLIC):
        raise AddressRefused


def _hint(key: str | None) -> str | None:
    return f"…{key[-_HINT_LENGTH:]}" if key and len(key) >= _SHORTEST_HINTED_KEY else None
