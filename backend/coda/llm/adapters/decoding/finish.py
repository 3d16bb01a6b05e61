"""Why a model stopped, in the words of many servers."""

from collections.abc import Mapping
from typing import Any, Final

from coda.llm.types import FinishReason

_WORDS: Final[Mapping[FinishReason, tuple[str, ...]]] = {
    "stop": ("stop", "eos", "eos_token", "end_turn", "stop_sequence", "complete", "completed", "finish_reason_stop"),
    "length": ("length", "max_tokens", "max_output_tokens", "token_limit", "model_length",
               "model_context_window_exceeded", "finish_reason_max_tokens"),
    "tool_calls": ("tool_calls", "tool_call", "tool_use", "function_call", "pause_turn"),
    "content_filter": ("content_filter", "content_filtered", "safety", "refusal", "blocklist", "blocked",
                       "prohibited_content", "recitation", "spii", "sensitive", "guardrail_intervened",
                       "image_safety", "content_policy_violation"),
    "error": ("error", "network_error", "insufficient_system_resource", "malformed_function_call", "timeout",
              "abort", "aborted", "cancelled", "unexpected_tool_call"),
}  # fmt: skip
_REASONS: Final = {word: reason for reason, words in _WORDS.items() for word in words}
_NONE: Final = ("", "null", "none", "finish_reason_unspecified")
_KEYS: Final = ("reason", "type", "name", "value", "finish_reason")


def finish_word(reason: Any) -> str | None:  # noqa: ANN401 - whatever JSON the provider sent
    """The server's word, taken out of an object where it is in one; None where it has not finished."""
    if isinstance(reason, dict):
        reason = next((reason[key] for key in _KEYS if isinstance(reason.get(key), str)), "stop" if reason else None)
    if not isinstance(reason, str):
        return None
    word = reason.strip().lower()
    return None if word in _NONE else word


def finish_of(word: str) -> FinishReason:
    """What the word means; one that nobody knows is an ordinary end."""
    return _REASONS.get(word, "stop")
