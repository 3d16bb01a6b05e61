"""Builds the services of sources."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.instance import enter_instance, instance_scope
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.scope import Scope
from coda.core.security import Seal
from coda.tools.sources.joined import JoinedSources
from coda.tools.sources.lister import SourceLister
from coda.tools.sources.repository import SourceSecretRepository, SourceToolRepository, ToolSourceRepository
from coda.tools.sources.service import SourceStore, ToolSourceService
from coda.tools.sources.started.asking import WorkersAsked
from coda.tools.sources.started.repository import ProcessRepository
from coda.tools.sources.types import SourceKind


@dataclass(frozen=True, slots=True)
class SourceServices:
    """The sources of one process: their kinds, their toolsets, and what lists them, here or beside workers."""

    kinds: Mapping[str, SourceKind]
    seal: Seal
    joined: JoinedSources
    lister: SourceLister
    workers: WorkersAsked


def build_sources(
    database: Database, listener: DatabaseListener, kinds: Iterable[SourceKind], *, seal: Seal
) -> SourceServices:
    """The sources of this process, of these kinds."""
    by_name = {kind.name: kind for kind in kinds}
    joined = JoinedSources(database, listener, kinds=by_name, seal=seal)
    lister = SourceLister(database, by_name, seal, joined.announce)
    return SourceServices(by_name, seal, joined, lister, WorkersAsked(database, by_name, seal))


def build_source_service(db: AsyncSession, principal: Principal, services: SourceServices) -> ToolSourceService:
    """The sources of one caller, within a transaction that is bound to their organization."""
    return ToolSourceService(
        principal,
        _store(db, principal.scope),
        _store(db, instance_scope(principal)),
        services.kinds,
        services.seal,
        lambda right: enter_instance(db, principal, right),
        lambda owner: services.joined.announce(db, owner),
        services.lister.slugs_everywhere,
    )


def _store(db: AsyncSession, scope: Scope) -> SourceStore:
    return SourceStore(
        scope,
        ToolSourceRepository(db, scope),
        SourceSecretRepository(db, scope),
        SourceToolRepository(db, scope),
        ProcessRepository(db, scope),
    )
