"""Makes, changes and removes connections within one transaction."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.core.guarded_http import Reach
from coda.core.ids import new_id
from coda.core.patterns import Characters
from coda.llm.errors import ConnectionExists, ConnectionInvalid, ConnectionKeyNeeded
from coda.llm.models import ProviderConnection
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address
from coda.llm.schemas import (
    ConnectionCreate,
    ConnectionFacts,
    ConnectionOptionsPatch,
    ConnectionPatch,
    ConnectionRead,
    Visibility,
)
from coda.llm.service.addresses import check_base_url, checked_key, entered_base_url, requested_address
from coda.llm.service.options import OptionsAuthor, entered_proxy, kept_headers, plain_headers
from coda.llm.service.stores import ConnectionStore, ConnectionStores

_NOT_IN_SLUG: Final = Characters("^a-z0-9")


@dataclass(frozen=True, slots=True)
class ConnectionService:
    """The caller's organization's connections and the instance's, each for those who may change them.

    `reserved_ids`: what no connection may be called. `list_unknown`: which of these ids are not an organization's.
    `announce` tells every process at the commit that an organization's connections have changed.
    """

    stores: ConnectionStores
    reserved_ids: frozenset[str]
    list_unknown: Callable[[Collection[UUID]], Awaitable[set[UUID]]]
    announce: Callable[[UUID], Awaitable[None]]

    async def create(self, request: ConnectionCreate) -> ConnectionRead:
        """Store a connection; raises AdminsOnly, OperatorsOnly, ConnectionInvalid, ConnectionExists, AddressRefused."""
        principal = self.stores.principal
        reserved = set(self.reserved_ids)
        if request.owner == "organization":
            reserved |= set(await self.stores.instance.connections.slugs())
        store = await self.stores.of_owner(request.owner)
        address = requested_address(request, principal)
        row = ProviderConnection(
            org_id=store.org_id,
            id=new_id(),
            slug=_free_slug(request, taken=await store.connections.slugs(), reserved=reserved),
            kind=request.kind,
            name=request.name or address.name,
            base_url=address.base_url,
            allow_private=principal.may(Permission.PRIVATE_NETWORKS),
            is_restricted=False,
            created_by=principal.user_id,
        )
        if request.options is not None:
            row.options = self._author(row).stored(request.options, before={})
        await store.connections.insert(row)
        await _seal(store, row, request.options)
        if address.key is not None:
            await store.set_key(row.id, address.key)
        if request.visible_to is not None:
            await self._set_visibility(store, row, request.visible_to)
        await self.announce(store.org_id)
        return await self._read(store, row)

    async def change(self, connection_id: UUID, change: ConnectionPatch) -> ConnectionRead:
        """Change what is given. A key is never sent to another address than the one that it was entered for.

        Raises ConnectionNotFound, AdminsOnly, OperatorsOnly, ConnectionInvalid, ConnectionKeyNeeded, AddressRefused.
        """
        store, row = await self.stores.get_changeable(connection_id)
        if "name" in change.model_fields_set:
            row.name = change.name or KINDS[row.kind].title
        await self._move(store, row, change)
        if change.options is not None:
            row.options = self._author(row).stored(change.options, before=row.options)
            await _seal(store, row, change.options)
        if "key" in change.model_fields_set:
            await store.set_key(row.id, checked_key(KINDS[row.kind], change.key, field="key"))
        if change.visible_to is not None:
            await self._set_visibility(store, row, change.visible_to)
        await self.announce(store.org_id)
        return await self._read(store, row)

    def _author(self, row: ProviderConnection) -> OptionsAuthor:
        reach = Reach.PRIVATE if row.allow_private else Reach.PUBLIC
        return OptionsAuthor(KINDS[row.kind], reach, self.stores.principal.may(Permission.PRIVATE_NETWORKS))

    async def _move(self, store: ConnectionStore, row: ProviderConnection, change: ConnectionPatch) -> None:
        """Another address or reach. Who may not reach private networks moves a connection to public addresses only."""
        principal, kind = self.stores.principal, KINDS[row.kind]
        if change.allow_private:
            check(principal, Permission.PRIVATE_NETWORKS)
        may_reach_private = principal.may(Permission.PRIVATE_NETWORKS)
        before, base_url = row.base_url, row.base_url
        if "base_url" in change.model_fields_set:
            base_url = entered_base_url(kind, change.base_url)
        is_moved = base_url != before
        allow_private = row.allow_private if change.allow_private is None else change.allow_private
        row.allow_private = allow_private and (may_reach_private or not is_moved)
        row.base_url = base_url
        if base_url is not None and (is_moved or change.allow_private is False):
            reach = Reach.PRIVATE if row.allow_private else Reach.PUBLIC
            check_base_url(kind, base_url, reach, may_redirect=may_reach_private or not is_moved)
        has_key = "key" not in change.model_fields_set and row.id in await store.keys.hints()
        headers = change.options.headers if change.options is not None else None
        has_headers = "header_names" in row.options and (headers is None or bool(kept_headers(headers)))
        if is_moved:
            await store.learnt.forget(row.slug)
        if is_moved and has_key:
            raise ConnectionKeyNeeded
        if is_moved and has_headers:
            raise ConnectionInvalid("The address has changed: enter the headers again.", field="options.headers")

    async def delete(self, connection_id: UUID) -> None:
        """Remove a connection and its key; raises ConnectionNotFound, AdminsOnly, OperatorsOnly."""
        store, row = await self.stores.get_changeable(connection_id)
        await store.connections.delete(row.id)
        await store.learnt.forget(row.slug)
        await self.announce(store.org_id)

    async def read_address(self, connection_id: UUID) -> Address:
        """Where a stored connection leads, with its key, for whoever may change it.

        Raises ConnectionNotFound, AdminsOnly, OperatorsOnly, SecretUnreadable.
        """
        store, row = await self.stores.get_changeable(connection_id)
        return await store.read_address(row)

    async def _set_visibility(self, store: ConnectionStore, row: ProviderConnection, visible_to: Visibility) -> None:
        if store is not self.stores.instance:
            raise ConnectionInvalid("Only connections of the instance are for several.", field="visible_to")
        if visible_to != "all" and (unknown := await self.list_unknown(visible_to)):
            ids = sorted(map(str, unknown))
            raise ConnectionInvalid("There is no such organization.", field="visible_to", organization_ids=ids)
        await store.set_visibility(row, visible_to)

    async def _read(self, store: ConnectionStore, row: ProviderConnection) -> ConnectionRead:
        """The connection as it is now; its provider was not asked yet."""
        hints = await store.keys.hints()
        named = (await store.visibility.read_all()).get(row.id, ())
        facts = ConnectionFacts(True, True, hints.get(row.id), named)
        return ConnectionRead.of(row, facts=facts)


async def _seal(store: ConnectionStore, row: ProviderConnection, written: ConnectionOptionsPatch | None) -> None:
    """Keep what of them is secret. Headers that are not given again stay; a proxy that is gone takes its login."""
    if written is None:
        return
    if written.headers is not None:
        await store.set_headers(row.id, plain_headers(written.headers), kept=kept_headers(written.headers))
    proxy = entered_proxy(written)
    if proxy is not None and proxy.with_login is not None:
        await store.set_proxy(row.id, proxy.with_login)
    elif not row.options.get("proxy_has_login"):
        await store.set_proxy(row.id, None)


def _free_slug(request: ConnectionCreate, *, taken: Collection[str], reserved: Collection[str]) -> str:
    """The name as a part of model ids, numbered where it is reserved; without a name the kind, numbered where taken.

    Raises ConnectionExists.
    """
    wanted = _NOT_IN_SLUG.replaced((request.name or request.kind).lower(), "-").strip("-") or request.kind
    used = {*taken, *reserved}
    if wanted not in used:
        return wanted
    if request.name is not None and wanted not in reserved:
        raise ConnectionExists(wanted)
    return next(slug for number in range(2, len(used) + 3) if (slug := f"{wanted}-{number}") not in used)
