"""What a source of tools is, and what a kind of sources has to do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

import orjson

from coda.core.guarded_http import Reach
from coda.tools.toolsets import Toolset

MOST_SOURCES: Final = 20
"""Of one owner."""
MOST_TOOLS: Final = 100
"""Of one source."""
MOST_SCHEMA_BYTES: Final = 20_000
"""Bytes of one tool's definition."""
LONGEST_DESCRIPTION: Final = 2_000
LISTING_SECONDS: Final = 15.0


class SourceOwner(StrEnum):
    """Whose a source is."""

    PERSON = "me"
    ORGANIZATION = "organization"
    INSTANCE = "instance"


class ToolCounts(NamedTuple):
    """How many tools a source has, and how many of them wait for approval."""

    listed: int
    waiting: int


NO_TOOLS: Final = ToolCounts(0, 0)


class Owner(NamedTuple):
    """Whose sources are read together: a person's, an organization's or the instance's, which have no person."""

    org_id: UUID
    user_id: UUID | None = None

    def __str__(self) -> str:
        return f"{self.org_id}/{self.user_id or ''}"

    @classmethod
    def read(cls, key: str) -> "Owner":
        """From the payload of a notification; raises ValueError."""
        org_id, _, user_id = key.partition("/")
        return cls(UUID(org_id), UUID(user_id) if user_id else None)


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it is asked. `config` is its kind's; `secret` opens it, for that source alone.

    `protocol`: what it was found to speak when it was last listed.
    """

    id: UUID
    org_id: UUID
    kind: str
    slug: str
    name: str
    owner_id: UUID | None
    config: Mapping[str, Any]
    reach: Reach
    secret: str | None = field(default=None, repr=False)
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool as its source describes it. What it says of itself is data, and never an instruction."""

    name: str
    title: str
    description: str
    parameters: Mapping[str, Any]
    result_schema: Mapping[str, Any]
    has_side_effects: bool
    may_repeat: bool

    def as_stored(self) -> str:
        """As JSON text; the order of a schema's keys stays."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def of_stored(cls, stored: str) -> "OfferedTool":
        """From JSON text."""
        return cls(**orjson.loads(stored))


class Unfit(StrEnum):
    """Why a tool is not taken."""

    TOO_MANY = "too_many"
    NAME = "name"
    TWICE = "twice"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    SCHEMA = "schema"
    ARGUMENTS = "arguments"
    HEADERS = "headers"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tool that is not taken, and why."""

    name: str
    reason: Unfit


@dataclass(frozen=True, slots=True)
class Offer:
    """What a source has at the moment."""

    tools: Sequence[OfferedTool]
    left_out: Sequence[LeftOut] = ()
    protocol: str | None = None


class SourceKind(Protocol):
    """A kind of sources. To add one, write it in a folder of its own and name it at the composition root."""

    @property
    def name(self) -> str:
        """What requests and rows call it."""
        ...

    @property
    def is_for_workers(self) -> bool:
        """Whether only processes that work on runs ask its sources."""
        ...

    def check(self, config: Mapping[str, Any], reach: Reach) -> None:
        """Refuse what cannot be a source; raises SourceInvalid, AddressRefused."""
        ...

    async def offer(self, source: Source) -> Offer:
        """Ask a source what it has; raises SourceError, AddressRefused."""
        ...

    def toolset(self, source: Source, tools: Sequence[OfferedTool], changed: Callable[[], Awaitable[None]]) -> Toolset:
        """The tools of a source as they were approved; `changed` is told that they may be other ones now."""
        ...


def fingerprint(stored: str) -> str:
    """Tells two stored definitions of a tool apart, in whatever order their keys are."""
    return sha256(orjson.dumps(orjson.loads(stored), option=orjson.OPT_SORT_KEYS)).hexdigest()
