"""Sources of tools as the API shows and takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from coda.core.names import OneLine
from coda.core.scope import INSTANCE_ORG
from coda.tools.sources.definitions import is_usable
from coda.tools.sources.models import SourceTool, ToolSource
from coda.tools.sources.types import MOST_TOOLS, LeftOut, Offer, SourceOwner, fingerprint
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
    """A source to be added. `url` is the address of a server that speaks MCP over streamable HTTP."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = "mcp"
    name: Name
    url: Url
    auth: Auth | None = None
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
    enabled: bool | None = None
    allow_private: bool | None = None
    tools: Annotated[list[ToolDecision], Field(max_length=MOST_TOOLS)] = []


class AuthRead(BaseModel):
    """How a source is signed in to, and how the secret ends."""

    type: Literal["bearer", "header"]
    name: str | None
    hint: str | None


class DefinitionRead(BaseModel):
    """What a tool says of itself."""

    title: str
    description: str
    parameters: dict[str, Any]

    @classmethod
    def of(cls, stored: str) -> "DefinitionRead":
        """From a stored definition."""
        return cls.model_validate(orjson.loads(stored))


class SourceToolRead(DefinitionRead):
    """A tool as its source lists it now.

    `called`: its name in `GET /api/v1/tools`. It is used where it is `enabled`, listed and approved. `changed`: it is
    not as it was approved, which is in `approved`; null there: it came later and nobody has approved it.
    """

    name: str
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
        definition = orjson.loads(row.listed)
        is_changed = row.listed != row.approved
        return cls(
            name=row.name,
            called=model_name(slug, row.name),
            title=definition["title"],
            description=definition["description"],
            parameters=definition["parameters"],
            enabled=row.is_enabled,
            changed=is_changed,
            is_listed=row.is_listed,
            is_used=is_usable(row),
            hash=fingerprint(row.listed),
            approved=DefinitionRead.of(row.approved) if row.approved is not None and is_changed else None,
        )


class LeftOutRead(BaseModel):
    """A tool that was not taken, and why."""

    name: str
    reason: str


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
    """What is known of a source besides its row."""

    tools: Sequence[SourceTool]
    hint: str | None
    can_change: bool


class ToolSourceRead(BaseModel):
    """A source. `url`, `auth` and what went wrong are told to those only who may change it, and else null."""

    id: UUID
    kind: str
    name: str
    prefix: str
    owner: SourceOwner = Field(serialization_alias="for")
    enabled: bool
    can_change: bool
    url: str | None
    auth: AuthRead | None
    allow_private: bool | None
    health: SourceHealthRead
    tools: list[SourceToolRead]
    left_out: list[LeftOutRead]
    created_at: datetime

    @classmethod
    def of(cls, row: ToolSource, facts: SourceFacts) -> "ToolSourceRead":
        """What the API answers with."""
        in_detail = facts.can_change
        return cls(
            id=row.id,
            kind=row.kind,
            name=row.name,
            prefix=row.slug,
            owner=owner_of(row),
            enabled=row.is_enabled,
            can_change=facts.can_change,
            url=row.config.get("url") if in_detail else None,
            auth=_auth_of(row, facts.hint) if in_detail else None,
            allow_private=row.allow_private if in_detail else None,
            health=SourceHealthRead(
                status=_status(row),
                latency_ms=row.latency_ms,
                code=row.error_code,
                error=row.error if in_detail else None,
                checked_at=row.checked_at,
                listed_at=row.listed_at,
            ),
            tools=[SourceToolRead.of_row(tool, slug=row.slug) for tool in facts.tools],
            left_out=[LeftOutRead.model_validate(each) for each in row.left_out],
            created_at=row.created_at,
        )


class ToolSourcePage(BaseModel):
    """One page of sources."""

    items: list[ToolSourceRead]
    next_cursor: str | None


class OfferedToolRead(DefinitionRead):
    """A tool that a source would give."""

    name: str


class SourceErrorRead(BaseModel):
    """Why a source could not be listed."""

    code: str
    message: str


class ToolSourceTestRead(BaseModel):
    """What a source said when it was tried, and how long that took."""

    ok: bool
    tools: list[OfferedToolRead]
    left_out: list[LeftOutRead]
    error: SourceErrorRead | None
    latency_ms: int

    @classmethod
    def of(cls, offer: Offer, *, latency_ms: int) -> "ToolSourceTestRead":
        """Where it answered."""
        tools = [OfferedToolRead.model_validate(orjson.loads(tool.as_stored())) for tool in offer.tools]
        left_out = [_left_out(each) for each in offer.left_out]
        return cls(ok=True, tools=tools, left_out=left_out, error=None, latency_ms=latency_ms)


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
