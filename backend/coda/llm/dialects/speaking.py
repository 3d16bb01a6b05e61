"""Puts a request into a dialect, and into another one where a server refuses it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from coda.llm.dialects.dialect import Dialect, Dialects
from coda.llm.dialects.history import accepted_history
from coda.llm.dialects.refusals import TELLING, VALUES, asked_values, learn, may_leave_out, tell_param
from coda.llm.errors import ModelError
from coda.llm.types import ChatRequest

Answer = TypeVar("Answer")
_MOST_ADAPTIONS: Final = 8
_EMPTY: Final = {"tools": (), "stop": ()}


@dataclass(frozen=True, slots=True)
class Accepted(Generic[Answer]):
    """An answer to a request that was accepted, and what had to be left out for that, by its name on the wire."""

    answer: Answer
    left_out: Sequence[str] = ()


async def send_adapted(
    request: ChatRequest, dialects: Dialects, send: Callable[[ChatRequest, Dialect], Awaitable[Answer]]
) -> Accepted[Answer]:
    """Send a request; what the server refuses is left out and remembered. Raises ModelError."""
    known = dialect = dialects.of(request.model)
    for _ in range(_MOST_ADAPTIONS):
        try:
            answer = await send(spoken(request, dialect), dialect)
        except ModelError as error:
            learnt = learn(dialect, error, request)
            if learnt is None:
                tell_param(error, request)
                raise
            dialect = learnt
        else:
            dialects.keep(request.model, dialect)
            return Accepted(
                answer, _left_out(request, dialect, news=dialect.refuses - known.refuses, dialects=dialects)
            )
    return Accepted(await send(spoken(request, dialect), dialect))


def _left_out(request: ChatRequest, dialect: Dialect, *, news: frozenset[str], dialects: Dialects) -> list[str]:
    """What this answer had to do without: all that was asked for; what always goes along is told when it is learnt.

    What a person has said of the connection is no news to them.
    """
    asked = set(asked_values(request)) & (dialect.refuses - dialects.base.refuses)
    missed = news | {name for name in asked if may_leave_out(request, name)}
    return [name for name in TELLING if name in missed]


def spoken(request: ChatRequest, dialect: Dialect) -> ChatRequest:
    """The request without what the dialect refuses. A strict one keeps what it asks for: its sender has to know."""
    refused = {
        name
        for name in ("tools", "max_output_tokens", *VALUES)
        if name in dialect.refuses and may_leave_out(request, name)
    }
    if "tools" in refused:
        refused |= {"tool_choice", "parallel_tool_calls"}
    elif "tools" in dialect.refuses:
        dialect = replace(dialect, refuses=dialect.refuses - {"tools"})
    changes: dict[str, Any] = {name: _EMPTY.get(name) for name in refused}
    if dialect.most_output is not None and (request.max_output_tokens or 0) > dialect.most_output:
        changes["max_output_tokens"] = dialect.most_output
    return replace(request, messages=accepted_history(request.messages, dialect), **changes)
