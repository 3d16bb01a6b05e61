"""Lists the connections that a caller may know of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from coda.access.permissions import Permission
from coda.core.pagination import Cursor, page_of
from coda.llm.models import ProviderConnection
from coda.llm.schemas import ConnectionFacts, ConnectionPage, ConnectionRead
from coda.llm.service.stores import ConnectionStores
from coda.llm.types import Health

Found = tuple[ProviderConnection, ConnectionFacts]


@dataclass(frozen=True, slots=True)
class ConnectionListing:
    """The organization's connections, for its administrators, and the instance's that it may use; operators see all.

    A key that may only read shows what its owner sees, and changes nothing.
    """

    stores: ConnectionStores

    async def list_page(self, *, cursor: str | None, limit: int, health: Mapping[UUID, Health]) -> ConnectionPage:
        """Newest first, whoever they belong to."""
        after = Cursor.decode(cursor)
        found = [*await self._own(after, limit), *await self._of_instance(after, limit)]
        found.sort(key=lambda each: (each[0].created_at, each[0].id), reverse=True)
        page = page_of(found, limit=limit, key=lambda each: Cursor(each[0].created_at, each[0].id))
        items = [ConnectionRead.of(row, facts=facts, health=health.get(row.id)) for row, facts in page.items]
        return ConnectionPage(items=items, next_cursor=page.next_cursor)

    async def _own(self, after: Cursor | None, limit: int) -> Sequence[Found]:
        principal = self.stores.principal
        if Permission.CONNECTIONS_MANAGE not in principal.owner_permissions:
            return []
        can_change = Permission.CONNECTIONS_MANAGE in principal.permissions
        store = self.stores.own
        hints = await store.keys.hints()
        rows = await store.connections.list_page(cursor=after, limit=limit)
        return [(row, ConnectionFacts(True, can_change, hints.get(row.id))) for row in rows]

    async def _of_instance(self, after: Cursor | None, limit: int) -> Sequence[Found]:
        store, permissions = self.stores.instance, self.stores.principal.permissions
        own_ids = await self.stores.own.connections.slugs()
        can_change, in_detail = Permission.INSTANCE_OPERATE in permissions, Permission.INSTANCE_READ in permissions
        if in_detail:
            await self.stores.enter_instance(Permission.INSTANCE_READ)
        hints, named = await store.keys.hints(), await store.visibility.read_all()
        rows = await store.connections.list_page(cursor=after, limit=limit)
        return [
            (
                row,
                ConnectionFacts(in_detail, can_change, hints.get(row.id), named.get(row.id, ()), own_ids.get(row.slug)),
            )
            for row in rows
        ]
