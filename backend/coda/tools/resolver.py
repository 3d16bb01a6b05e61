"""Which tools somebody has in a chat: when an answer begins, and again at each call."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import NamedTuple, Protocol
from uuid import UUID

from coda.core.db.scoped_cache import Moment
from coda.core.scope import Scope
from coda.tools.errors import SourceGone, ToolChanged, ToolNotAllowed, UnknownTool, shown
from coda.tools.policies import Policies, PolicyLevels
from coda.tools.selection import SelectedTool, ToolSelection, hash_of, select, spec_text, switched_on
from coda.tools.toolsets import Combined, ScopedToolsets, Toolset
from coda.tools.types import Approval, Tool


class PolicyMoment(NamedTuple):
    """When what people decided began to be read."""

    people: Moment
    sessions: Moment


class PolicyReader(Protocol):
    """Reads policies from memory as far as it can. To be asked before a transaction is opened."""

    async def of_organization(self, org_id: UUID) -> Policies:
        """What an organization has decided for everybody."""
        ...

    async def of_person(self, org_id: UUID, user_id: UUID) -> Policies:
        """What a person has decided for all of their chats."""
        ...

    async def of_session(self, org_id: UUID, session_id: UUID) -> Policies:
        """What was decided for one chat."""
        ...

    def moment(self) -> PolicyMoment:
        """To be asked before what a person decided is read along with something else."""
        ...

    def keep(self, scope: Scope, session_id: UUID, decided: PolicyLevels, *, since: PolicyMoment) -> None:
        """Keep what the scope's person decided, for themself and for a chat, that was read so."""
        ...


@dataclass(frozen=True, slots=True)
class OfferedTools:
    """What there is for somebody, before it is known in which chat; `policies` are the organization's."""

    tools: Sequence[Tool]
    policies: Policies
    scope: Scope
    reader: PolicyReader
    as_of: PolicyMoment

    def select(self, session_id: UUID, decided: PolicyLevels) -> ToolSelection:
        """The tools of an answer in a chat; what the person `decided` was read since this was offered."""
        self.reader.keep(self.scope, session_id, decided, since=self.as_of)
        return select(self.tools, replace(decided, organization=self.policies))


@dataclass(frozen=True, slots=True)
class AdmittedTool:
    """A frozen tool that may be called now: as it is listed, and through what it is called."""

    tool: Tool
    toolset: Toolset
    approval: Approval

    @property
    def needs_approval(self) -> bool:
        """Whether a person decides on each call."""
        return self.approval is not Approval.NEVER


@dataclass(frozen=True, slots=True)
class LiveTools:
    """What there is and what holds at this moment, in one chat."""

    sources: Combined
    tools: Sequence[Tool]
    policies: PolicyLevels

    def admit(self, name: str, selection: ToolSelection) -> AdmittedTool:
        """The tool that the model means, if it may be called.

        It has to be selected, still there, still the same and still allowed: policies that change while an answer is
        written only narrow what it may. Raises UnknownTool, SourceGone, ToolChanged, ToolNotAllowed.
        """
        selected = selection.find(name)
        if selected is None:
            raise self._refusal(name, selection.names)
        tool, toolset = self.find(selected), self.sources.find(selected.source_id)
        if tool is None or toolset is None:
            raise SourceGone(name)
        if hash_of(spec_text(tool)) != selected.spec_hash:
            raise ToolChanged(name)
        ruling = self.policies.of(tool)
        if not ruling.enabled:
            raise ToolNotAllowed(name)
        stricter = max(selected.approval, ruling.approval, key=lambda approval: approval.strictness)
        return AdmittedTool(tool, toolset, stricter)

    def list_allowed(self) -> Sequence[Tool]:
        """What may be called at this moment, one of each name, in the order in which a model is told of them."""
        return [tool for tool, _ in switched_on(self.tools, self.policies)]

    def admit_now(self, name: str) -> AdmittedTool:
        """The tool of a name for a call that belongs to no answer; raises UnknownTool, SourceGone, ToolNotAllowed."""
        named = [tool for tool in self.tools if tool.name == name]
        found = next(switched_on(named, self.policies), None)
        if found is None:
            raise self._refusal(name, [tool.name for tool in self.list_allowed()])
        tool, ruling = found
        toolset = self.sources.find(tool.source)
        if toolset is None:
            raise SourceGone(name)
        return AdmittedTool(tool, toolset, ruling.approval)

    def find(self, selected: SelectedTool) -> Tool | None:
        """A selected tool as it is listed now."""
        places = (tool for tool in self.tools if (tool.source, tool.name) == (selected.source_id, selected.name))
        return next(places, None)

    def _refusal(self, name: str, allowed: Sequence[str]) -> UnknownTool | ToolNotAllowed:
        if any(tool.name == name for tool in self.tools):
            return ToolNotAllowed(name)
        return UnknownTool(name, similar=similar_name(name, allowed), known=allowed)


def similar_name(name: str, known: Sequence[str]) -> str | None:
    """The known name that comes nearest; the time to find it grows with the square of a name's length."""
    return next(iter(get_close_matches(shown(name), known, n=1)), None)


@dataclass(frozen=True, slots=True)
class ToolResolver:
    """Joins the sources of this process with what people have decided about their tools."""

    sources: ScopedToolsets
    policies: PolicyReader

    async def offered(self, scope: Scope) -> OfferedTools:
        """What an answer may select from. To be asked before a transaction is opened."""
        policies = await self.policies.of_organization(scope.org_id)
        tools = await (await self.sources.of(scope)).list(scope)
        return OfferedTools(tools, policies, scope, self.policies, self.policies.moment())

    async def live(self, scope: Scope, session_id: UUID | None) -> LiveTools:
        """What holds now, in a chat or outside of any. To be asked before a transaction is opened."""
        levels = PolicyLevels(
            await self.policies.of_organization(scope.org_id),
            {} if scope.user_id is None else await self.policies.of_person(scope.org_id, scope.user_id),
            {} if session_id is None else await self.policies.of_session(scope.org_id, session_id),
        )
        sources = await self.sources.of(scope)
        return LiveTools(sources, await sources.list(scope), levels)
