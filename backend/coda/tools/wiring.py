"""Builds the services of tools."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda import __version__
from coda.access.principal import Principal
from coda.conversations.wiring import session_service
from coda.core.cache import Cache
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.db.scoped_cache import ScopedCache
from coda.core.scope import Scope, System
from coda.core.settings import ToolSettings
from coda.tools.policies import Policies, PolicyLevels
from coda.tools.repository import ToolPolicyRepository
from coda.tools.resolver import PolicyMoment, ToolResolver
from coda.tools.selection import hash_of, spec_text
from coda.tools.service import ToolPolicyService
from coda.tools.toolsets import ApprovalRequired, CachedResults, FunctionToolset, ScopedToolsets, Toolset
from coda.tools.toolsets.approval_required import names_needing_approval
from coda.tools.toolsets.cached_results import RESULTS_TAG, KeptTool
from coda.tools.toolsets.scoped import Joined
from coda.tools.types import Level, Tool
from coda.tools.workers import WorkerLimits, WorkerPool


class SubjectKey(NamedTuple):
    """A person or a chat of an organization, as a cache knows it."""

    org_id: UUID
    subject_id: UUID

    def __str__(self) -> str:
        return f"{self.org_id}/{self.subject_id}"

    @classmethod
    def read(cls, key: str) -> "SubjectKey":
        """From the payload of a notification; raises ValueError."""
        org_id, _, subject_id = key.partition("/")
        return cls(UUID(org_id), UUID(subject_id))


class ToolPolicyCache:
    """Policies as this process last read them.

    What people decide for themselves is kept by person, and for single chats by chat: whoever changes their own mind
    makes nobody read again what others have decided.
    """

    def __init__(self, database: Database, listener: DatabaseListener) -> None:
        self._database = database
        self._organizations: ScopedCache[UUID, Policies] = ScopedCache(
            "tool-policies", listener, key_of=UUID, load=self._load_organization
        )
        self._people: ScopedCache[SubjectKey, Policies] = ScopedCache(
            "person-tool-policies", listener, key_of=SubjectKey.read, load=self._load_person
        )
        self._sessions: ScopedCache[SubjectKey, Policies] = ScopedCache(
            "chat-tool-policies", listener, key_of=SubjectKey.read, load=self._load_session
        )

    async def of_organization(self, org_id: UUID) -> Policies:
        """What an organization has decided for everybody."""
        return await self._organizations.of(org_id)

    async def of_person(self, org_id: UUID, user_id: UUID) -> Policies:
        """What a person has decided for all of their chats."""
        return await self._people.of(SubjectKey(org_id, user_id))

    async def of_session(self, org_id: UUID, session_id: UUID) -> Policies:
        """What was decided for one chat."""
        return await self._sessions.of(SubjectKey(org_id, session_id))

    def moment(self) -> PolicyMoment:
        """To be asked before what a person decided is read along with something else."""
        return PolicyMoment(self._people.moment(), self._sessions.moment())

    def keep(self, scope: Scope, session_id: UUID, decided: PolicyLevels, *, since: PolicyMoment) -> None:
        """Keep what the scope's person decided, for themself and for a chat, that was read so."""
        if scope.user_id is not None:
            self._people.keep(SubjectKey(scope.org_id, scope.user_id), decided.person, since=since.people)
        self._sessions.keep(SubjectKey(scope.org_id, session_id), decided.session, since=since.sessions)

    async def announce(self, db: AsyncSession, scope: Scope, level: Level, session_id: UUID | None) -> None:
        """Have every process read again, once this transaction is committed, what was decided on this level."""
        if level is Level.SESSION and session_id is not None:
            await self._sessions.announce(db, SubjectKey(scope.org_id, session_id))
        elif level is Level.PERSON and scope.user_id is not None:
            await self._people.announce(db, SubjectKey(scope.org_id, scope.user_id))
        else:
            await self._organizations.announce(db, scope.org_id)

    async def close(self) -> None:
        """Forget all of them."""
        await self._organizations.close()
        await self._people.close()
        await self._sessions.close()

    async def _load_organization(self, org_id: UUID, _previous: Policies | None) -> Policies:
        async with self._repository(org_id) as policies:
            return await policies.of_organization()

    async def _load_person(self, key: SubjectKey, _previous: Policies | None) -> Policies:
        async with self._repository(key.org_id) as policies:
            return await policies.of_person(key.subject_id)

    async def _load_session(self, key: SubjectKey, _previous: Policies | None) -> Policies:
        async with self._repository(key.org_id) as policies:
            return await policies.of_session(key.subject_id)

    @asynccontextmanager
    async def _repository(self, org_id: UUID) -> AsyncIterator[ToolPolicyRepository]:
        scope = Scope(org_id, System())
        async with self._database.transaction(scope) as db:
            yield ToolPolicyRepository(db, scope)


@dataclass(frozen=True, slots=True)
class ToolServices:
    """The tools of one process: where they come from, and what people have decided about them."""

    sources: ScopedToolsets
    policies: ToolPolicyCache
    cache: Cache

    @property
    def resolver(self) -> ToolResolver:
        """Chooses the tools of answers."""
        return ToolResolver(self.sources, self.policies)

    async def announce(self, db: AsyncSession, scope: Scope, level: Level, session_id: UUID | None) -> None:
        """Have every process know, once this transaction is committed, what was decided on this level.

        What an organization decides about its tools also ends what was kept of their results.
        """
        await self.policies.announce(db, scope, level, session_id)
        if level is Level.ORGANIZATION:
            await self.cache.invalidate(scope.org_id, [RESULTS_TAG], db=db)


def build_tools(
    database: Database,
    listener: DatabaseListener,
    toolsets: Iterable[Toolset],
    *,
    cache: Cache,
    joined: Joined | None = None,
    need_approval: str | None = None,
) -> ToolServices:
    """The tools of this process, of these sources and of those that people add; what `need_approval` names always asks.

    Raises UnknownToolInSetting where it names what no source has, as far as all sources are known at start.
    """
    sources = list(toolsets)
    fixed = [source for source in sources if isinstance(source, FunctionToolset)]
    known = [tool.name for source in fixed for tool in source.tools]
    names = names_needing_approval(need_approval, known=known if len(fixed) == len(sources) else None)
    kept = [_keeping(source, cache) for source in sources]
    scoped = ScopedToolsets.build(kept, joined, lambda each: ApprovalRequired(each, names) if names else each)
    return ToolServices(scoped, ToolPolicyCache(database, listener), cache)


def _keeping(source: Toolset, cache: Cache) -> Toolset:
    """The source; results of those of our own tools that want it are kept, as long as the code is the same."""
    if not isinstance(source, FunctionToolset):
        return source
    kept = {
        tool.name: KeptTool(f"{__version__} {hash_of(spec_text(tool))}", tool.keeps)
        for tool in source.tools
        if tool.keeps is not None
    }
    return CachedResults(source, cache, kept) if kept else source


def build_workers(settings: ToolSettings) -> WorkerPool:
    """The worker processes for heavy tools; none is started before it is needed."""
    limits = WorkerLimits(settings.workers, settings.worker_memory_mb * 1024**2, settings.timeout.total_seconds())
    return WorkerPool(limits)


def build_policies(
    db: AsyncSession, principal: Principal, tools: Sequence[Tool], services: ToolServices
) -> ToolPolicyService:
    """What one caller sees and changes; `tools` were listed before the transaction."""
    scope = principal.scope
    return ToolPolicyService(
        principal,
        tools,
        ToolPolicyRepository(db, scope),
        session_service(db, scope),
        lambda level, session_id: services.announce(db, scope, level, session_id),
    )
