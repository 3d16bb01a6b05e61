"""A toolset of which some tools always need a person's consent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from coda.core.scope import Scope
from coda.tools.errors import UnknownToolInSetting
from coda.tools.toolsets.names import is_of_added_source
from coda.tools.toolsets.toolset import Toolset
from coda.tools.types import Approval, Arguments, Tool, ToolCallContext, ToolOutcome


@dataclass(frozen=True, slots=True)
class ApprovalRequired:
    """Lists tools of these names as `always` asking. Runs ask: whoever calls has the consent."""

    toolset: Toolset
    names: Collection[str]

    @property
    def source_id(self) -> str:
        """The wrapped one's."""
        return self.toolset.source_id

    async def list(self, scope: Scope) -> Sequence[Tool]:
        """All tools."""
        tools = await self.toolset.list(scope)
        return [replace(tool, approval=Approval.ALWAYS) if tool.name in self.names else tool for tool in tools]

    async def call(self, name: str, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
        """Call the tool."""
        return await self.toolset.call(name, arguments, call)


def names_needing_approval(setting: str | None, *, known: Sequence[str] | None) -> frozenset[str]:
    """The comma-separated names of the setting; raises UnknownToolInSetting for one that is not known.

    None is known where a source says only later what it has; so do those that people add, whose tools have names of
    another form.
    """
    names = {name.strip() for name in (setting or "").split(",")} - {""}
    ours = {name for name in names if not is_of_added_source(name)}
    if known is not None and (unknown := sorted(ours.difference(known))):
        raise UnknownToolInSetting(unknown, known=known)
    return frozenset(names)
