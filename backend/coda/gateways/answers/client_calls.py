"""Tool calls of the agent that its client makes: how they are named, and the results that come with a request."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from coda.gateways.answers.errors import InvalidParameter
from coda.llm.types import ChatMessage

_PREFIX: Final = "call_"


@dataclass(frozen=True, slots=True)
class ClientResult:
    """What a client's tool gave; `at` is the place of its message."""

    at: int
    call_id: UUID
    content: str


def client_call_id(call_id: UUID) -> str:
    """The id of a call as clients get it."""
    return f"{_PREFIX}{call_id.hex}"


def results_at_end(messages: Sequence[ChatMessage]) -> list[ClientResult]:
    """The results with which a request ends; none where it ends with a question. Raises InvalidParameter."""
    found: list[ClientResult] = []
    for at in range(len(messages) - 1, -1, -1):
        message = messages[at]
        if message.role != "tool":
            break
        found.append(ClientResult(at, _call_id(message.tool_call_id or "", at), message.text))
    return found[::-1]


def decisions_of(results: Sequence[ClientResult], call_ids: frozenset[UUID]) -> list[dict[str, Any]]:
    """The results as a run takes them, one for each call that it waits for; raises InvalidParameter."""
    given = {result.call_id: result.content for result in results}
    missing = [client_call_id(call_id) for call_id in call_ids if call_id not in given]
    if missing:
        raise InvalidParameter("messages", f"The result of the tool call {missing[0]} is missing.")
    return [{"tool_call_id": str(call_id), "decision": "result", "content": given[call_id]} for call_id in call_ids]


def not_waiting(result: ClientResult) -> InvalidParameter:
    """No answer of the caller's waits for this result."""
    return InvalidParameter(f"messages[{result.at}].tool_call_id", "No answer of the agent waits for this tool call.")


def _call_id(given: str, at: int) -> UUID:
    try:
        return UUID(given.removeprefix(_PREFIX))
    except ValueError:
        raise not_waiting(ClientResult(at, UUID(int=0), "")) from None
