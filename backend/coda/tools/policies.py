"""What people have decided about tools: each level narrows what the broader one leaves open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from coda.tools.types import Approval, Level, Tool

ToolKey = tuple[str, str]
"""Source and name."""


@dataclass(frozen=True, slots=True)
class ToolPolicy:
    """What one level says about a tool; None says nothing."""

    enabled: bool | None = None
    approval: Approval | None = None


NO_POLICY = ToolPolicy()
_DECIDED_BY_PEOPLE: Final = (Level.ORGANIZATION, Level.PERSON, Level.SESSION)
Policies = Mapping[ToolKey, ToolPolicy]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What holds for a tool. `switched_off_by` and `always_by`: the broadest level that has said so."""

    enabled: bool
    approval: Approval
    switched_off_by: Level | None = None
    always_by: Level | None = None


def rule(tool: Tool, policies: Iterable[tuple[Level, ToolPolicy]]) -> Ruling:
    """What the levels make of a tool, the broadest first. Off stays off and `always` stays `always`."""
    approval, switched_off_by = tool.own_approval, None
    always_by = Level.INSTANCE if approval is Approval.ALWAYS else None
    for level, policy in policies:
        if policy.enabled is False and switched_off_by is None:
            switched_off_by = level
        if policy.approval is not None and always_by is None:
            approval = policy.approval
            always_by = level if approval is Approval.ALWAYS else None
    return Ruling(switched_off_by is None, approval, switched_off_by, always_by)


@dataclass(frozen=True, slots=True)
class PolicyLevels:
    """What all levels say, seen by one person, in one chat or in none."""

    organization: Policies = field(default_factory=dict)
    person: Policies = field(default_factory=dict)
    session: Policies = field(default_factory=dict)

    def of(self, tool: Tool, *, above: Level | None = None) -> Ruling:
        """What holds for a tool; `above`: only what is decided above this level."""
        levels = (level for level in _DECIDED_BY_PEOPLE if above is None or level.is_above(above))
        return rule(tool, [(level, self.said_by(level, tool)) for level in levels])

    def said_by(self, level: Level, tool: Tool) -> ToolPolicy:
        """What one level has said about a tool."""
        stored: Mapping[Level, Policies] = {
            Level.ORGANIZATION: self.organization,
            Level.PERSON: self.person,
            Level.SESSION: self.session,
        }
        return stored[level].get((tool.source, tool.name), NO_POLICY)


@dataclass(frozen=True, slots=True)
class ShownTool:
    """A tool with what all levels say about it."""

    tool: Tool
    levels: PolicyLevels
    in_session: bool


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One level's new word. `words`: `enabled`, `approval` or both; None takes back what was said."""

    level: Level
    words: Mapping[str, Any]
    session_id: UUID | None = None


def policies_of(stored: Sequence[Mapping[str, Any]]) -> Policies:
    """From rows with source, name, enabled, approval."""
    return {
        (row["source"], row["name"]): ToolPolicy(row["enabled"], Approval(row["approval"]) if row["approval"] else None)
        for row in stored
    }


def levels_of(stored: Sequence[Mapping[str, Any]]) -> PolicyLevels:
    """From such rows with their level, of one person and one chat."""
    said = {level: policies_of([row for row in stored if row["level"] == level]) for level in _DECIDED_BY_PEOPLE}
    return PolicyLevels(said[Level.ORGANIZATION], said[Level.PERSON], said[Level.SESSION])
