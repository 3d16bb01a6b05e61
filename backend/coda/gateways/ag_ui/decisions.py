"""Answers to interrupts, as AG-UI carries them, and the decisions that they are."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from coda.gateways.ag_ui.imports import text_of_message
from coda.gateways.ag_ui.schemas import AgUiMessage, AgUiResume

APPROVAL_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "approved": {"type": "boolean"},
        "arguments": {"type": "object", "description": "Make the call with these instead of the model's."},
        "reason": {"type": "string", "description": "What the model is told where the call is rejected."},
        "remember": {
            "enum": ["session", "me"],
            "description": "Do not ask any more: in this chat, or in all.",
        },
    },
    "required": ["approved"],
}
"""What an approval expects as its payload. A plain `true` or `false` will do as well."""


_NOT_MADE: Final = "The program did not make this call."


def decision_of(answer: AgUiResume, tool_call_id: str) -> dict[str, Any]:
    """The decision on a tool call. Whatever does not clearly approve, rejects."""
    payload = answer.payload if isinstance(answer.payload, Mapping) else {"approved": answer.payload}
    is_approved = answer.status == "resolved" and payload.get("approved") is True
    arguments, reason, remember = (payload.get(name) for name in ("arguments", "reason", "remember"))
    return {
        "tool_call_id": tool_call_id,
        "decision": "approve" if is_approved else "reject",
        "arguments": dict(arguments) if is_approved and isinstance(arguments, Mapping) else None,
        "reason": str(reason)[:2000] if reason else None,
        "remember": remember if is_approved and remember in ("session", "me") else None,
    }


def result_of(result: AgUiMessage | None, tool_call_id: UUID) -> dict[str, Any]:
    """What a call of the client's has given, as a decision; a call without a result was not made."""
    if result is None:
        return {"tool_call_id": str(tool_call_id), "decision": "reject", "arguments": None, "reason": _NOT_MADE}
    content = text_of_message(result) or result.error or ""
    return {"tool_call_id": str(tool_call_id), "decision": "result", "content": content}
