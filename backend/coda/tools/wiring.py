"""Builds the services of tools."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.principal import Principal
from coda.conversations.wiring import session_service
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.db.scoped_cache import Moment, ScopedCache
from coda.core.scope import Scope, System
from coda.core.settings import ToolSettings
from coda.tools.policies import OrganizationPolicies, Policies
from coda.tools.repository import ToolPolicyRepository
from coda.tools.resolver import ToolResolver
from coda.tools.service import ToolPolicyService
from coda.tools.toolsets import ApprovalRequired, Combined, FunctionToolset, Toolset
from coda.tools.toolsets.approval_required import names_needing_approval
from coda.tools.types import Tool
from coda.tools.workers import WorkerLimits, WorkerPool


class SessionKey(NamedTuple):
    """A chat of an organization, as a cache knows it."""

    org_id: UUID
    session_id: UUID

    def __str__(self) -> str:
        return f"{self.org_id}/{self.session_id}"

    @classmethod
    def read(cls, key: str) -> "SessionKey":
        """From the payload of a notification; raises ValueError."""
        org_id, _, session_id = key.partition("/")
        return cls(UUID(org_id), UUID(session_id))


class ToolPolicyCache:
    """Policies as this process last read them.

    What is decided for single chats is kept by chat: there is no end to them, and few are at work at a time.
    """

    def __init__(self, database: Database, listener: DatabaseListener) -> None:
        self._database = database
        self._organizations: ScopedCache[UUID, OrganizationPolicies] = ScopedCache(
            "tool-policies", listener, key_of=UUID, load=self._load_organization
        )
        self._sessions: ScopedCache[SessionKey, Policies] = ScopedCache(
            "chat-tool-policies", listener, key_of=SessionKey.read, load=self._load_session
        )

    async def of_organization(self, org_id: UUID) -> OrganizationPolicies:
        """What an organization and its people have decided."""
        return await self._organizations.of(org_id)

    async def of_session(self, org_id: UUID, session_id: UUID) -> Policies:
        """What was decided for one chat."""
        return await self._sessions.of(SessionKey(org_id, session_id))

    def moment(self) -> Moment:
        """To be asked before a chat's policies are read along with something else."""
        return self._sessions.moment()

    def keep_session(self, org_id: UUID, session_id: UUID, policies: Policies, *, since: Moment) -> None:
        """Keep a chat's policies that were read so."""
        self._sessions.keep(SessionKey(org_id, session_id), policies, since=since)

    async def announce(self, db: AsyncSession, org_id: UUID, session_id: UUID | None) -> None:
        """Have every process read again, once this transaction is committed, what was decided."""
        if session_id is None:
            await self._organizations.announce(db, org_id)
        else:
            await self._sessions.announce(db, SessionKey(org_id, session_id))

    async def close(self) -> None:
        """Forget all of them."""
        await self._organizations.close()
        await self._sessions.close()

    async def _load_organization(self, org_id: UUID, _previous: OrganizationPolicies | None) -> OrganizationPolicies:
        scope = Scope(org_id, System())
        async with self._database.transaction(scope) as db:
            return await ToolPolicyRepository(db, scope).of_organization()

    async def _load_session(self, key: SessionKey, _previous: Policies | None) -> Policies:
        scope = Scope(key.org_id, System())
        async with self._database.transaction(scope) as db:
            return await ToolPolicyRepository(db, scope).of_session(key.session_id)


@dataclass(frozen=True, slots=True)
class ToolServices:
    """The tools of one process: where they come from, and what people have decided about them."""

    sources: Combined
    policies: ToolPolicyCache

    @property
    def resolver(self) -> ToolResolver:
        """Chooses the tools of answers."""
        return ToolResolver(self.sources, self.policies)


def build_tools(
    database: Database, listener: DatabaseListener, toolsets: Iterable[Toolset], *, need_approval: str | None = None
) -> ToolServices:
    """The tools of this process, of these sources; those that `need_approval` names always ask.

    Raises UnknownToolInSetting where it names what no source has, as far as all sources are known at start.
    """
    sources = list(toolsets)
    fixed = [source for source in sources if isinstance(source, FunctionToolset)]
    known = [tool.name for source in fixed for tool in source.tools]
    names = names_needing_approval(need_approval, known=known if len(fixed) == len(sources) else None)
    guarded = [ApprovalRequired(source, names) for source in sources] if names else sources
    return ToolServices(Combined(guarded), ToolPolicyCache(database, listener))


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
        lambda session_id: services.policies.announce(db, scope.org_id, session_id),
    )
