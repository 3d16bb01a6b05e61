"""Adds, changes, removes and shows sources, within one transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from coda.access.checks import check
from coda.access.instance import InstanceRight
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.entered_secrets import hint_of, is_sendable
from coda.core.guarded_http import Reach
from coda.core.ids import new_id
from coda.core.pagination import Cursor, page_of
from coda.core.scope import Scope
from coda.core.security import Seal
from coda.tools.sources.definitions import slug_of
from coda.tools.sources.errors import (
    SourceInvalid,
    SourceSecretNeeded,
    ToolChangedAgain,
    ToolSourceNotFound,
    TooManySources,
)
from coda.tools.sources.models import SourceTool, ToolSource
from coda.tools.sources.repository import SourceSecretRepository, SourceToolRepository, ToolSourceRepository
from coda.tools.sources.schemas import (
    Auth,
    BearerAuth,
    LogLineRead,
    SourceFacts,
    ToolDecision,
    ToolSourceCreate,
    ToolSourceLogRead,
    ToolSourcePage,
    ToolSourcePatch,
    ToolSourceRead,
    ToolSourceSummary,
    owner_of,
)
from coda.tools.sources.started.commands import STDIO, stored
from coda.tools.sources.started.entering import entered_command
from coda.tools.sources.started.errors import NamedBySetting
from coda.tools.sources.started.repository import ProcessRepository
from coda.tools.sources.types import MOST_SOURCES, NO_TOOLS, Owner, Source, SourceKind, SourceOwner, fingerprint

PERMISSIONS: Mapping[SourceOwner, Permission] = {
    SourceOwner.PERSON: Permission.ACCOUNT_WRITE,
    SourceOwner.ORGANIZATION: Permission.ORGANIZATION_WRITE,
    SourceOwner.INSTANCE: Permission.INSTANCE_OPERATE,
}
"""What a caller needs to change the sources of each owner."""
_MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class SourceStore:
    """Where the sources of an organization are, or those of the instance."""

    scope: Scope
    sources: ToolSourceRepository
    secrets: SourceSecretRepository
    tools: SourceToolRepository
    processes: ProcessRepository


@dataclass(frozen=True, slots=True)
class ToolSourceService:
    """The sources of one caller: theirs, their organization's, the instance's.

    `enter_instance` binds the transaction to the instance, for operators only; before it the instance's sources can be
    read. `announce` tells every process of a change at its commit. `slugs_everywhere`: those of all organizations.
    """

    principal: Principal
    own: SourceStore
    instance: SourceStore
    kinds: Mapping[str, SourceKind]
    seal: Seal
    enter_instance: Callable[[InstanceRight], Awaitable[None]]
    announce: Callable[[Owner], Awaitable[None]]
    slugs_everywhere: Callable[[], Awaitable[set[str]]]

    async def list_page(self, *, cursor: str | None, limit: int) -> ToolSourcePage:
        """Newest first, whoever they belong to."""
        after = Cursor.decode(cursor)
        found: list[tuple[ToolSource, ToolSourceSummary]] = []
        for store in (self.own, self.instance):
            if store is self.instance and self._may(SourceOwner.INSTANCE):
                await self.enter_instance(Permission.INSTANCE_OPERATE)
            rows = await store.sources.list_page(cursor=after, limit=limit)
            found.extend(zip(rows, await self._summaries(store, rows), strict=True))
        found.sort(key=lambda each: (each[0].created_at, each[0].id), reverse=True)
        page = page_of(found, limit=limit, key=lambda each: Cursor(each[0].created_at, each[0].id))
        return ToolSourcePage(items=[read for _, read in page.items], next_cursor=page.next_cursor)

    async def get(self, source_id: UUID) -> ToolSourceRead:
        """One source; raises ToolSourceNotFound."""
        for store in (self.own, self.instance):
            row = await store.sources.find(source_id)
            if row is not None:
                if store is self.instance and self._may(SourceOwner.INSTANCE):
                    await self.enter_instance(Permission.INSTANCE_OPERATE)
                tools = (await store.tools.of([row.id])).get(row.id, ())
                facts = (await self._facts(store, [row]))[row.id]
                return ToolSourceRead.of_tools(row, tools, facts, can_change=self._may(owner_of(row)))
        raise ToolSourceNotFound

    async def create(self, request: ToolSourceCreate) -> tuple[Scope, UUID]:
        """Store a source that nobody has asked yet; gives where it is.

        Raises what `check` does, SourceInvalid, AddressRefused, TooManySources.
        """
        source = entered_source(request, self.principal, self.kinds)
        await self.own.sources.begin_adding()
        taken = await self._taken(request.owner)
        store = await self._store_of(request.owner)
        if await store.sources.count_owned(source.owner_id) >= MOST_SOURCES:
            raise TooManySources(MOST_SOURCES)
        row = ToolSource(
            org_id=store.scope.org_id,
            id=source.id,
            owner_id=source.owner_id,
            kind=source.kind,
            slug=slug_of(request.name, taken=taken),
            name=request.name,
            config=dict(source.config),
            allow_private=source.reach is not Reach.PUBLIC,
            created_by=self.principal.user_id,
        )
        await store.sources.insert(row)
        await self._seal(store, row, source.secret)
        return store.scope, row.id

    async def change(self, source_id: UUID, change: ToolSourcePatch) -> tuple[Scope, bool]:
        """Change what is given; gives where it is, and whether it has to be listed again.

        Raises ToolSourceNotFound, SourceInvalid, SourceSecretNeeded, AddressRefused, ToolChangedAgain.
        """
        store, row = await self._changeable(source_id)
        if change.name is not None or change.stdio is not None:
            _refuse_if_fixed(row)
        row.name = change.name or row.name
        row.is_enabled = row.is_enabled if change.enabled is None else change.enabled
        is_moved = await self._move(store, row, change)
        await self._decide(store, row, change.tools)
        await self.announce(Owner(row.org_id, row.owner_id))
        return store.scope, is_moved

    async def delete(self, source_id: UUID) -> None:
        """Remove a source; raises ToolSourceNotFound, NamedBySetting and what `check` does."""
        store, row = await self._changeable(source_id)
        _refuse_if_fixed(row)
        await store.sources.delete(row.id)
        await self.announce(Owner(row.org_id, row.owner_id))

    async def log(self, source_id: UUID) -> ToolSourceLogRead:
        """What a command has written, for who may change it; raises ToolSourceNotFound and what `check` does."""
        store, row = await self._changeable(source_id)
        lines = [LogLineRead.model_validate(line) for line in await store.processes.logs(row.id)]
        return ToolSourceLogRead(items=sorted(lines, key=lambda line: line.at)[-_MOST_LINES:])

    async def get_listing_scope(self, source_id: UUID) -> Scope:
        """Where a source is that the caller may have listed again; raises ToolSourceNotFound and what `check` does."""
        store, _ = await self._changeable(source_id)
        return store.scope

    async def _taken(self, owner: SourceOwner) -> set[str]:
        """The slugs of all sources that somebody may have beside a new one: the one that comes later is numbered."""
        if owner is SourceOwner.INSTANCE:
            return await self.slugs_everywhere()
        is_ours = owner is SourceOwner.ORGANIZATION
        return await self.own.sources.slugs(everybodys=is_ours) | await self.instance.sources.slugs()

    async def _move(self, store: SourceStore, row: ToolSource, change: ToolSourcePatch) -> bool:
        """Another address, sign-in or reach. Who may not reach private networks moves it to public addresses only."""
        if row.kind == STDIO:
            return await self._move_command(store, row, change)
        if change.stdio is not None:
            raise SourceInvalid("This source has an address and no command.", field="stdio")
        may_reach_private = self.principal.may(Permission.PRIVATE_NETWORKS)
        if change.allow_private:
            check(self.principal, Permission.PRIVATE_NETWORKS)
        is_moved = change.url is not None and change.url != row.config.get("url")
        gets_auth = "auth" in change.model_fields_set
        if is_moved and not gets_auth and row.config.get("auth") is not None:
            raise SourceSecretNeeded
        allow_private = row.allow_private if change.allow_private is None else change.allow_private
        row.allow_private = allow_private and (may_reach_private or not is_moved)
        config = {**row.config, "url": change.url or row.config.get("url")}
        if gets_auth:
            config.pop("auth", None)
            config |= auth_config(change.auth)
            await self._seal(store, row, auth_secret(change.auth))
        row.config = config
        if is_moved or gets_auth or change.allow_private is not None:
            self.kinds[row.kind].check(config, Reach.PRIVATE if row.allow_private else Reach.PUBLIC)
            return True
        return False

    async def _move_command(self, store: SourceStore, row: ToolSource, change: ToolSourcePatch) -> bool:
        if not {"url", "auth", "allow_private"}.isdisjoint(change.model_fields_set):
            raise SourceInvalid("A command has no address and no sign-in.", field="url")
        if change.stdio is None:
            return False
        sealed = await store.secrets.find(row.id)
        known = None if sealed is None else self.seal.open(sealed, bound_to=str(row.id)).get_secret_value()
        row.config, secret = stored(change.stdio, before=row.config, secret=known)
        await self._seal(store, row, secret)
        return True

    async def _decide(self, store: SourceStore, row: ToolSource, decisions: Sequence[ToolDecision]) -> None:
        tools: dict[str, SourceTool] = {}
        if decisions:
            tools = {tool.name: tool for tool in (await store.tools.of([row.id])).get(row.id, ())}
        for decision in decisions:
            tool = tools.get(decision.name)
            if tool is None:
                raise SourceInvalid("The source has no tool of this name.", field="tools")
            if decision.enabled is not None:
                tool.is_enabled = decision.enabled
            if decision.approve is not None:
                if fingerprint(tool.listed) != decision.approve:
                    raise ToolChangedAgain(tool.name)
                tool.approved = tool.listed

    async def _store_of(self, owner: SourceOwner) -> SourceStore:
        check(self.principal, PERMISSIONS[owner])
        if owner is not SourceOwner.INSTANCE:
            return self.own
        await self.enter_instance(Permission.INSTANCE_OPERATE)
        return self.instance

    async def _changeable(self, source_id: UUID) -> tuple[SourceStore, ToolSource]:
        """A source that the caller may change, locked."""
        row = await self.own.sources.find(source_id) or await self.instance.sources.find(source_id)
        if row is None:
            raise ToolSourceNotFound
        store = await self._store_of(owner_of(row))
        locked = await store.sources.lock(source_id)
        if locked is None:
            raise ToolSourceNotFound
        return store, locked

    async def _summaries(self, store: SourceStore, rows: Sequence[ToolSource]) -> list[ToolSourceSummary]:
        facts = await self._facts(store, rows)
        counts = await store.tools.counts([row.id for row in rows])
        return [
            ToolSourceSummary.of(
                row, replace(facts[row.id], counts=counts.get(row.id, NO_TOOLS)), can_change=self._may(owner_of(row))
            )
            for row in rows
        ]

    async def _facts(self, store: SourceStore, rows: Sequence[ToolSource]) -> Mapping[UUID, SourceFacts]:
        hints = await store.secrets.hints([row.id for row in rows])
        states = await store.processes.states([row.id for row in rows if row.kind == STDIO])
        return {row.id: SourceFacts(hints.get(row.id), states.get(row.id, ())) for row in rows}

    def _may(self, owner: SourceOwner) -> bool:
        return PERMISSIONS[owner] in self.principal.permissions

    async def _seal(self, store: SourceStore, row: ToolSource, secret: str | None) -> None:
        sealed = None if secret is None else self.seal.close(secret, bound_to=str(row.id))
        has_hint = secret is not None and row.kind != STDIO  # each variable has one of its own
        await store.secrets.put(row.id, sealed=sealed, hint=hint_of(secret) if secret and has_hint else None)


def _refuse_if_fixed(row: ToolSource) -> None:
    if row.config.get("is_fixed"):
        raise NamedBySetting


def entered_source(request: ToolSourceCreate, principal: Principal, kinds: Mapping[str, SourceKind]) -> Source:
    """A source that is not stored, as its kind can ask it.

    Raises what `check` does, SourceInvalid, AddressRefused.
    """
    kind = kinds.get(request.kind)
    if kind is not None and kind.name == STDIO:
        return entered_command(request, principal)
    check(principal, PERMISSIONS[request.owner])
    if kind is None:
        raise SourceInvalid(f"Kinds of sources: {', '.join(sorted(kinds))}.", field="kind")
    if request.url is None or request.stdio is not None:
        raise SourceInvalid("An address is needed.", field="url")
    reach = Reach.PRIVATE if principal.may(Permission.PRIVATE_NETWORKS) else Reach.PUBLIC
    config = {"url": request.url, **auth_config(request.auth)}
    kind.check(config, reach)
    return Source(
        id=new_id(),
        org_id=principal.org_id,
        kind=kind.name,
        slug="new",
        name=request.name,
        owner_id=principal.user_id if request.owner is SourceOwner.PERSON else None,
        config=config,
        reach=reach,
        secret=auth_secret(request.auth),
    )


def auth_config(auth: Auth | None) -> dict[str, Any]:
    """What of a sign-in is shown."""
    if auth is None:
        return {}
    if isinstance(auth, BearerAuth):
        return {"auth": {"type": "bearer"}}
    return {"auth": {"type": "header", "name": auth.name}}


def auth_secret(auth: Auth | None) -> str | None:
    """What of a sign-in is secret; raises SourceInvalid."""
    if auth is None:
        return None
    secret = (auth.token if isinstance(auth, BearerAuth) else auth.value).get_secret_value().strip()
    if not is_sendable(secret):
        raise SourceInvalid("A sign-in is one line of plain characters.", field="auth")
    return secret
