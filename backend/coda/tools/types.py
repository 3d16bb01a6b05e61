"""What a tool is, what it is called with, and what comes back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Who calls, and under which key: a repeated key must not repeat a side effect."""

    org_id: UUID
    user_id: UUID
    idempotency_key: str
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at in a result. A failed `must` check makes it invalid, another one doubtful."""

    name: str
    ok: bool
    detail: str
    must: bool = True


Verdict = Literal["ok", "doubtful", "failed"]
Arguments = Mapping[str, Any]


def no_checks(_arguments: Arguments, _result: Any) -> Sequence[Check]:  # noqa: ANN401 - a result is any JSON value
    """For tools whose result schema says it all."""
    return ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its names for model and people, its JSON Schemas, and the function behind it.

    `run` gets validated arguments and answers a JSON value. It raises `ToolFailed` with a sentence that the
    model can act on. `title` is what it did in words, for the row in the conversation ("Calculated").
    `check` looks at a result independently of how it was made. `honours_key`: the same idempotency key again does not
    repeat the side effect.
    """

    name: str
    title: str
    description: str
    parameters: Mapping[str, Any]
    run: Callable[[Arguments, ToolContext], Awaitable[Any]]
    result_schema: Mapping[str, Any] = field(default_factory=dict)
    check: Callable[[Arguments, Any], Sequence[Check]] = no_checks
    has_side_effects: bool = False
    honours_key: bool = False
    needs_approval: bool = False
    source: str = "built-in"

    @property
    def may_repeat(self) -> bool:
        """Whether a call that was begun and never heard of again may be made once more."""
        return self.honours_key or not self.has_side_effects


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """How a call ended. `content` is the JSON text that the model reads; `error` has code, message, details.

    `evaluation` is `{verdict, reason, valid, checks: [{name, ok, detail}]}`.
    """

    ok: bool
    content: str
    duration_ms: int
    result: Any = None
    error: Mapping[str, Any] | None = None
    evaluation: Mapping[str, Any] = field(default_factory=dict)
