"""Tools as the API shows them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from coda.tools.policies import PolicyChange, ShownTool, ToolPolicy
from coda.tools.types import Approval, Level

Subject = Literal["me", "session", "organization"]
LockHolder = Literal["organization", "instance"]
_LEVELS: dict[Subject, Level] = {
    "me": Level.PERSON,
    "session": Level.SESSION,
    "organization": Level.ORGANIZATION,
}
_LOCK_HOLDERS: dict[Level, LockHolder] = {Level.ORGANIZATION: "organization", Level.INSTANCE: "instance"}


class PolicyRead(BaseModel):
    """What one level says about a tool; null says nothing."""

    model_config = ConfigDict(from_attributes=True)

    enabled: bool | None
    approval: Approval | None


class PoliciesRead(BaseModel):
    """What each level says. `session` is null where no chat was asked for."""

    organization: PolicyRead
    me: PolicyRead
    session: PolicyRead | None


class LocksRead(BaseModel):
    """Who has decided what the caller's own words cannot lift: that it is off, that it always asks."""

    enabled: LockHolder | None
    approval: LockHolder | None


class ToolRead(BaseModel):
    """A tool, and whether the agent may call it for the caller.

    `title` says in words what a call did; `parameters` is JSON Schema. `has_side_effects`: a call may change something.
    `enabled` and `approval` are what holds, in the
    chat that was asked for. `locked_by` has decided above the caller: that it is off, else that it always asks.
    """

    name: str
    title: str
    description: str
    parameters: dict[str, Any]
    source: str
    has_side_effects: bool
    enabled: bool
    approval: Approval
    policies: PoliciesRead
    locked_by: LockHolder | None
    locks: LocksRead

    @classmethod
    def of(cls, shown: ShownTool) -> "ToolRead":
        """What the API answers with."""
        tool, ruling = shown.tool, shown.levels.of(shown.tool)
        off_by, always_by = (_lock_holder(level) for level in (ruling.switched_off_by, ruling.always_by))
        return cls(
            name=tool.name,
            title=tool.title,
            description=tool.description,
            parameters=dict(tool.parameters),
            source=tool.source,
            has_side_effects=tool.has_side_effects,
            enabled=ruling.enabled,
            approval=ruling.approval,
            policies=PoliciesRead(
                organization=_read(shown.levels.said_by(Level.ORGANIZATION, tool)),
                me=_read(shown.levels.said_by(Level.PERSON, tool)),
                session=_read(shown.levels.said_by(Level.SESSION, tool)) if shown.in_session else None,
            ),
            locked_by=off_by or always_by,
            locks=LocksRead(enabled=off_by, approval=always_by),
        )


class Tools(BaseModel):
    """All tools."""

    items: list[ToolRead]

    @classmethod
    def of(cls, tools: Sequence[ShownTool]) -> "Tools":
        """The list that the API answers with."""
        return cls(items=[ToolRead.of(tool) for tool in tools])


class ToolPatch(BaseModel):
    """One level's word on a tool; null takes back what was said, a field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    enabled: bool | None = None
    approval: Approval | None = None
    subject: Annotated[
        Subject,
        Field(alias="for", description="Whose chats it is for: all of the caller's, one of them, or everybody's."),
    ]
    session_id: UUID | None = Field(
        default=None, description="The chat, where it is for one. Else the chat that the answer tells of."
    )

    def as_change(self) -> PolicyChange:
        """What is to change."""
        said = {"enabled": self.enabled, "approval": self.approval}
        words = {name: word for name, word in said.items() if name in self.model_fields_set}
        return PolicyChange(_LEVELS[self.subject], words, self.session_id)


def _read(policy: ToolPolicy) -> PolicyRead:
    return PolicyRead.model_validate(policy)


def _lock_holder(level: Level | None) -> LockHolder | None:
    return _LOCK_HOLDERS.get(level) if level is not None else None
