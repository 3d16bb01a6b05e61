"""Where connections are stored, and who may change what is there."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from coda.access.checks import check
from coda.access.instance import InstanceRight
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.entered_secrets import hint_of
from coda.core.security import Seal
from coda.llm.errors import ConnectionNotFound
from coda.llm.models import ProviderConnection
from coda.llm.providers.connected import connection_address
from coda.llm.providers.options import read_options
from coda.llm.providers.provider import Address
from coda.llm.providers.sealed import opened_headers, opened_key, opened_proxy, sealed_headers, sealed_proxy
from coda.llm.repository import (
    ConnectionVisibilityRepository,
    LearntDialectRepository,
    ProviderConnectionRepository,
    ProviderKeyRepository,
)
from coda.llm.schemas import ConnectionOwner, Visibility


@dataclass(frozen=True, slots=True)
class ConnectionStore:
    """The connections of one organization, or of the instance, with their keys and who may use them."""

    org_id: UUID
    connections: ProviderConnectionRepository
    keys: ProviderKeyRepository
    visibility: ConnectionVisibilityRepository
    learnt: LearntDialectRepository
    seal: Seal

    async def set_key(self, connection_id: UUID, key: str | None) -> None:
        """Seal and store a key; None forgets it."""
        sealed_key = None if key is None else self.seal.close(key, bound_to=str(connection_id))
        await self.keys.put_key(connection_id, sealed_key=sealed_key, hint=None if key is None else hint_of(key))

    async def set_headers(self, connection_id: UUID, headers: Mapping[str, str], *, kept: Collection[str] = ()) -> None:
        """Seal and store headers, the values of `kept` as they were; none forgets them. Raises SecretUnreadable."""
        if kept:
            stored = await self.keys.find(connection_id)
            before = opened_headers(stored, seal=self.seal, connection_id=connection_id)
            headers = {**{name: before[name] for name in kept if name in before}, **headers}
        sealed = sealed_headers(headers, seal=self.seal, connection_id=connection_id) if headers else None
        await self.keys.put_headers(connection_id, sealed_headers=sealed)

    async def set_proxy(self, connection_id: UUID, proxy: str | None) -> None:
        """Seal and store a proxy with its login; None forgets it."""
        sealed = None if proxy is None else sealed_proxy(proxy, seal=self.seal, connection_id=connection_id)
        await self.keys.put_proxy(connection_id, sealed_proxy=sealed)

    async def read_address(self, row: ProviderConnection) -> Address:
        """Where a connection leads, with what opens it; raises SecretUnreadable."""
        stored = await self.keys.find(row.id)
        key = opened_key(stored, seal=self.seal, connection_id=row.id)
        headers = opened_headers(stored, seal=self.seal, connection_id=row.id)
        proxy = opened_proxy(stored, seal=self.seal, connection_id=row.id)
        return connection_address(row, key, read_options(row.options, headers, proxy))

    async def set_visibility(self, row: ProviderConnection, visible_to: Visibility) -> None:
        """Let everybody use a connection of the instance, or the named organizations only."""
        row.is_restricted = visible_to != "all"
        await self.visibility.replace(row.id, [] if visible_to == "all" else visible_to)


@dataclass(frozen=True, slots=True)
class ConnectionStores:
    """The organization's store and the instance's, as the caller may use them within one transaction.

    `enter_instance` binds the transaction to the instance, for operators only. Before it, those rows of the instance
    can be read that the organization may know of; after it all of them, and none of the organization.
    """

    principal: Principal
    own: ConnectionStore
    instance: ConnectionStore
    enter_instance: Callable[[InstanceRight], Awaitable[None]]

    async def of_owner(self, owner: ConnectionOwner) -> ConnectionStore:
        """The store that a new connection goes to; raises AdminsOnly, OperatorsOnly."""
        check_owner(self.principal, owner)
        if owner == "organization":
            return self.own
        await self.enter_instance(Permission.INSTANCE_OPERATE)
        return self.instance

    async def get_changeable(self, connection_id: UUID) -> tuple[ConnectionStore, ProviderConnection]:
        """A connection that the caller may change, locked, and where it is.

        Raises AdminsOnly, OperatorsOnly or MissingKeyScope for one that they may only know of, else ConnectionNotFound.
        """
        check_manager(self.principal)
        store = self.own
        if await store.connections.find(connection_id) is not None:
            check_owner(self.principal, "organization")
        else:
            store = self.instance
            may_enter = Permission.INSTANCE_OPERATE in self.principal.permissions
            if not may_enter and await store.connections.find(connection_id) is None:
                raise ConnectionNotFound
            await self.enter_instance(Permission.INSTANCE_OPERATE)
        row = await store.connections.lock(connection_id)
        if row is None:
            raise ConnectionNotFound
        return store, row


def check_owner(principal: Principal, owner: ConnectionOwner) -> None:
    """Whether the caller may manage connections of this owner; raises AdminsOnly, OperatorsOnly, MissingKeyScope."""
    check(principal, Permission.INSTANCE_OPERATE if owner == "instance" else Permission.CONNECTIONS_MANAGE)


def check_manager(principal: Principal) -> None:
    """Whether the caller may manage any connections at all: a key that may not is not told which there are."""
    rights = (Permission.CONNECTIONS_MANAGE, Permission.INSTANCE_OPERATE)
    if principal.permissions.isdisjoint(rights):
        owned = [right for right in rights if right in principal.owner_permissions]
        check(principal, owned[0] if owned else Permission.CONNECTIONS_MANAGE)
