"""Puts a request into a dialect, and into another one where a server refuses it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from coda.llm.dialects.dialect import Dialect, Dialects
from coda.llm.dialects.history import accepted_history
from coda.llm.dialects.refusals import TELLING, learn
from coda.llm.errors import ModelError
from coda.llm.types import ChatRequest

Answer = TypeVar("Answer")
_MOST_ADAPTIONS: Final = 5
_VALUES: Final = ("temperature", "top_p", "reasoning_effort", "tool_choice", "max_output_tokens")


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
                raise
            dialect = learnt
        else:
            dialects.keep(request.model, dialect)
            left_out = [name for name in TELLING if name in dialect.refuses - known.refuses]
            return Accepted(answer, left_out)
    return Accepted(await send(spoken(request, dialect), dialect))


def spoken(request: ChatRequest, dialect: Dialect) -> ChatRequest:
    """The request without what the dialect refuses. A strict one keeps what it asks for: its sender has to know."""
    if request.is_strict:
        dialect = replace(dialect, refuses=dialect.refuses - {"tools", "stop", *_VALUES})
    changes: dict[str, Any] = {name: None for name in _VALUES if name in dialect.refuses}
    if "tools" in dialect.refuses:
        changes |= {"tools": (), "tool_choice": None}
    if "stop" in dialect.refuses:
        changes["stop"] = ()
    if dialect.most_output is not None and (request.max_output_tokens or 0) > dialect.most_output:
        changes["max_output_tokens"] = dialect.most_output
    return replace(request, messages=accepted_history(request.messages, dialect), **changes)
