"""Sources of tools as the API shows and takes them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from coda.core.names import OneLine
from coda.core.scope import INSTANCE_ORG
from coda.tools.sources.definitions import is_usable
from coda.tools.sources.models import SourceTool, ToolSource
from coda.tools.sources.started.commands import STDIO, ServerState, StdioEntry, StdioRead, server_state
from coda.tools.sources.types import MOST_TOOLS, NO_TOOLS, LeftOut, Offer, SourceOwner, ToolCounts, Unfit, fingerprint
from coda.tools.toolsets.names import model_name

Name = Annotated[OneLine, StringConstraints(min_length=1, max_length=60)]
Url = Annotated[str, Field(min_length=1, max_length=2000)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=4000)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,20}$")]
Status = Literal["up", "down", "unknown"]


class BearerAuth(BaseModel):
    """`Authorization: Bearer ...`."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["bearer"]
    token: Secret


class HeaderAuth(BaseModel):
    """A header of any other name."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["header"]
    name: HeaderName
    value: Secret


Auth = Annotated[BearerAuth | HeaderAuth, Field(discriminator="type")]


class ToolSourceCreate(BaseModel):
    """A source to be added.

    `mcp` has the `url` of a server that speaks MCP over streamable HTTP, `mcp_stdio` a command as `stdio`: only
    operators may add one, for the instance.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind = "mcp"
    name: Name
    url: Url | None = None
    auth: Auth | None = None
    stdio: StdioEntry | None = None
    owner: Annotated[SourceOwner, Field(alias="for", description="Who has its tools.")]


class ToolDecision(BaseModel):
    """What is decided about one tool. `approve` is the `hash` of the definition that was looked at."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    enabled: bool | None = None
    approve: Annotated[str, Field(max_length=64)] | None = None


class ToolSourcePatch(BaseModel):
    """What is to change; a field that is left out stays. `auth: null` forgets the sign-in."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    url: Url | None = None
    auth: Auth | None = None
    stdio: StdioEntry | None = None
    enabled: bool | None = None
    allow_private: bool | None = None
    tools: Annotated[list[ToolDecision], Field(max_length=MOST_TOOLS)] = []


class AuthRead(BaseModel):
    """How a source is signed in to, and how the secret ends."""

    type: Literal["bearer", "header"]
    name: str | None
    hint: str | None


class DefinitionRead(BaseModel):
    """What a tool says of itself. `result_schema` is empty where it promises no form.

    One without `has_side_effects` is called without asking; one that `may_repeat` is called again where it is not known
    what became of a call.
    """

    title: str
    description: str
    parameters: dict[str, Any]
    result_schema: dict[str, Any]
    has_side_effects: bool
    may_repeat: bool

    @classmethod
    def of(cls, stored: str) -> Self:
        """From a stored definition."""
        return cls.model_validate(orjson.loads(stored))


class NamedDefinitionRead(DefinitionRead):
    """The same with its source's name for it."""

    name: str


class SourceToolRead(NamedDefinitionRead):
    """A tool as its source lists it now.

    `called`: its name in `GET /api/v1/tools`. It is used where it is `enabled`, listed and approved. `changed`: it is
    not as it was approved, which is in `approved`; null there: it came later and nobody has approved it.
    """

    called: str
    enabled: bool
    changed: bool
    is_listed: bool
    is_used: bool
    hash: str
    approved: DefinitionRead | None

    @classmethod
    def of_row(cls, row: SourceTool, *, slug: str) -> "SourceToolRead":
        """From a stored tool."""
        is_changed = row.listed != row.approved
        return cls(
            **NamedDefinitionRead.of(row.listed).model_dump(),
            called=model_name(slug, row.name),
            enabled=row.is_enabled,
            changed=is_changed,
            is_listed=row.gone_at is None,
            is_used=is_usable(row),
            hash=fingerprint(row.listed),
            approved=DefinitionRead.of(row.approved) if row.approved is not None and is_changed else None,
        )


class LeftOutRead(BaseModel):
    """A tool that was not taken, and why."""

    name: str
    reason: Unfit


class SourceHealthRead(BaseModel):
    """How the source was when it was last listed. `code` and `error` say what went wrong."""

    status: Status
    latency_ms: int | None
    code: str | None
    error: str | None
    checked_at: datetime | None
    listed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What is known of a source besides its row. `states`: of its servers, where it has any."""

    hint: str | None
    states: Collection[str]
    counts: ToolCounts = NO_TOOLS


class ToolSourceSummary(BaseModel):
    """A source. `url`, `auth`, `stdio` and what went wrong are told to those only who may change it, and else null.

    `process`: how the server of a command is, beside whichever worker; null for other sources.

    `tool_count` tools are there now, of which `waiting_count` wait for approval; `left_out_count` were not taken.
    """

    id: UUID
    kind: str
    name: str
    prefix: str
    owner: SourceOwner = Field(serialization_alias="for")
    enabled: bool
    can_change: bool
    url: str | None
    auth: AuthRead | None
    stdio: StdioRead | None
    process: ServerState | None
    allow_private: bool | None
    health: SourceHealthRead
    tool_count: int
    waiting_count: int
    left_out_count: int
    created_at: datetime

    @classmethod
    def of(cls, row: ToolSource, facts: SourceFacts, *, can_change: bool) -> "ToolSourceSummary":
        """What lists show."""
        return cls(
            id=row.id,
            kind=row.kind,
            name=row.name,
            prefix=row.slug,
            owner=owner_of(row),
            enabled=row.is_enabled,
            can_change=can_change,
            url=row.config.get("url") if can_change else None,
            auth=_auth_of(row, facts.hint) if can_change else None,
            stdio=StdioRead.of(row.config) if can_change and row.kind == STDIO else None,
            process=server_state(facts.states) if row.kind == STDIO else None,
            allow_private=row.allow_private if can_change else None,
            health=SourceHealthRead(
                status=_status(row),
                latency_ms=row.latency_ms,
                code=row.error_code,
                error=row.error if can_change else None,
                checked_at=row.checked_at,
                listed_at=row.listed_at,
            ),
            tool_count=facts.counts.listed,
            waiting_count=facts.counts.waiting,
            left_out_count=len(row.left_out),
            created_at=row.created_at,
        )


class ToolSourceRead(ToolSourceSummary):
    """A source with its tools."""

    tools: list[SourceToolRead]
    left_out: list[LeftOutRead]

    @classmethod
    def of_tools(
        cls, row: ToolSource, rows: Sequence[SourceTool], facts: SourceFacts, *, can_change: bool
    ) -> "ToolSourceRead":
        """What is told of one alone."""
        tools = [SourceToolRead.of_row(tool, slug=row.slug) for tool in rows]
        there = [tool for tool in tools if tool.is_listed]
        counts = ToolCounts(len(there), sum(tool.changed for tool in there))
        summary = ToolSourceSummary.of(row, replace(facts, counts=counts), can_change=can_change)
        left_out = [LeftOutRead.model_validate(each) for each in row.left_out]
        return cls(**dict(summary), tools=tools, left_out=left_out)


class ToolSourcePage(BaseModel):
    """One page of sources."""

    items: list[ToolSourceSummary]
    next_cursor: str | None


class LogLineRead(BaseModel):
    """What a server has written, and when. A line in brackets is Coda's own."""

    at: datetime
    text: str


class ToolSourceLogRead(BaseModel):
    """The newest lines of a source's servers, oldest first. Secrets are masked."""

    items: list[LogLineRead]


class SourceErrorRead(BaseModel):
    """Why a source could not be listed."""

    code: str
    message: str


class ToolSourceTestRead(BaseModel):
    """What a source said when it was tried, and how long that took. `log`: what a command wrote meanwhile."""

    ok: bool
    tools: list[NamedDefinitionRead]
    left_out: list[LeftOutRead]
    error: SourceErrorRead | None
    latency_ms: int
    log: list[str] = []

    @classmethod
    def of(cls, offer: Offer, *, latency_ms: int, log: Sequence[str] = ()) -> "ToolSourceTestRead":
        """Where it answered."""
        tools = [NamedDefinitionRead.of(tool.as_stored()) for tool in offer.tools]
        left_out = [_left_out(each) for each in offer.left_out]
        return cls(ok=True, tools=tools, left_out=left_out, error=None, latency_ms=latency_ms, log=list(log))


def owner_of(row: ToolSource) -> SourceOwner:
    """Whose a source is."""
    if row.org_id == INSTANCE_ORG:
        return SourceOwner.INSTANCE
    return SourceOwner.ORGANIZATION if row.owner_id is None else SourceOwner.PERSON


def _status(row: ToolSource) -> Status:
    if row.checked_at is None:
        return "unknown"
    return "up" if row.error_code is None else "down"


def _auth_of(row: ToolSource, hint: str | None) -> AuthRead | None:
    auth: Mapping[str, Any] | None = row.config.get("auth")
    return None if auth is None else AuthRead(type=auth["type"], name=auth.get("name"), hint=hint)


def _left_out(each: LeftOut) -> LeftOutRead:
    return LeftOutRead(name=each.name, reason=each.reason)
