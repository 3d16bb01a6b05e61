"""What a tool is, what it is called with, and what comes back."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic
from typing import Any, Literal, Protocol
from uuid import UUID

Arguments = Mapping[str, Any]
Verdict = Literal["ok", "doubtful", "failed"]


class Approval(StrEnum):
    """Whether a person decides on each call before it is made, from the laxest to the strictest.

    `ask` and `always` both ask; what says `always` cannot be lowered by whoever has less to say.
    """

    NEVER = "never"
    ASK = "ask"
    ALWAYS = "always"

    @property
    def strictness(self) -> int:
        """Compares: a higher one is stricter."""
        return list(Approval).index(self)


class Level(StrEnum):
    """Who decides, from the broadest to the narrowest. The instance decides by settings and by what a tool asks for."""

    INSTANCE = "instance"
    ORGANIZATION = "organization"
    PERSON = "person"
    SESSION = "session"

    def is_above(self, other: "Level") -> bool:
        """Whether it is broader than the other one."""
        levels = list(Level)
        return levels.index(self) < levels.index(other)


class Workers(Protocol):
    """Processes that can be killed, for what needs much of the processor or of memory."""

    async def call(self, function: str, argument: Any, *, caller: Hashable) -> Any:  # noqa: ANN401 - any JSON value
        """The value of `module:function` for one JSON value; callers who wait take turns."""
        ...


@dataclass(frozen=True, slots=True)
class ToolCallContext:
    """Who calls, under which key and until when.

    A repeated `idempotency_key` must not repeat a side effect. `deadline` is a time of `time.monotonic`. `cancelled` is
    set once nobody waits for the call any more: work that cannot be cancelled with its task, as in a thread, looks
    there. `workers` take what needs much of the processor or of memory.
    """

    org_id: UUID
    user_id: UUID
    idempotency_key: str
    deadline: float
    workers: Workers
    time_zone: str = "UTC"
    cancelled: asyncio.Event = field(default_factory=asyncio.Event, compare=False)

    @property
    def seconds_left(self) -> float:
        """How long the call may still take."""
        return max(0.0, self.deadline - monotonic())


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at in a result. A failed `must` check makes it invalid, another one doubtful."""

    name: str
    ok: bool
    detail: str
    must: bool = True


def no_checks(_arguments: Arguments, _result: Any) -> Sequence[Check]:  # noqa: ANN401 - a result is any JSON value
    """For tools whose result schema says it all."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as its toolset lists it: its names for model and people, and its JSON Schemas.

    `title` is what it did in words, for the row in the conversation ("Calculated"). `honours_key`: the same idempotency
    key again does not repeat the side effect. `approval`: what the tool asks for by itself. `check` looks at a result
    independently of how it was made. `keeps`: whether a result is what the same arguments always give, for tools whose
    results take longer to make than to look up. `source`: its toolset.
    """

    name: str
    title: str
    description: str
    parameters: Mapping[str, Any]
    result_schema: Mapping[str, Any] = field(default_factory=dict)
    has_side_effects: bool = False
    keeps: Callable[[Any], bool] | None = None
    honours_key: bool = False
    approval: Approval | None = None
    check: Callable[[Arguments, Any], Sequence[Check]] = no_checks
    source: str = "built-in"

    @property
    def may_repeat(self) -> bool:
        """Whether a call that was begun and never heard of again may be made once more."""
        return self.honours_key or not self.has_side_effects

    @property
    def own_approval(self) -> Approval:
        """What holds where nobody has said anything: what has side effects asks."""
        if self.approval is not None:
            return self.approval
        return Approval.ASK if self.has_side_effects else Approval.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTool(Tool):
    """A tool with the function behind it.

    `run` gets validated arguments and answers a JSON value. It raises `ToolFailed` with a sentence that the model can
    act on.
    """

    run: Callable[[Arguments, ToolCallContext], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """How a call ended. `content` is the JSON text that the model reads; `error` has code, message, details.

    `evaluation` is `{verdict, reason, valid, checks: [{name, ok, detail}]}`, and `cached: true` where the result was
    kept from an earlier call. Who calls measures `duration_ms`.
    """

    ok: bool
    content: str
    duration_ms: int = 0
    result: Any = None
    error: Mapping[str, Any] | None = None
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    is_cached: bool = False
