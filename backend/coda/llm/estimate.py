"""Token counts where no provider has counted.

Calibrated by script on the cl100k vocabulary, which spends more on most scripts than newer ones do: an estimate errs
towards too many tokens, so that a prompt that fits by it fits in truth.
"""

from collections.abc import Iterable

import orjson

from coda.core.patterns import Characters
from coda.llm.types import ChatMessage, ChatRequest, ChatUsage, ToolSpec

MESSAGE_OVERHEAD = 5
MOST_CHARS_PER_TOKEN = 6
_BYTES_PER_TOKEN = 4

_WORDS, _DIGIT, _SIGN = 0.23, 0.6, 0.75
_OTHER = 1.0
# Tokens per character of each script; what none matches counts as one token a character.
_SCRIPTS: tuple[tuple[Characters, float], ...] = (
    (Characters(r"a-zA-Z\s"), _WORDS),
    (Characters(r"0-9"), _DIGIT),
    (Characters(r"\u0000-\u007f"), _SIGN),
    (Characters(r"\u00a0-\u024f\u1e00-\u1eff"), 0.6),
    (Characters(r"\u0400-\u052f"), 0.45),
    (Characters(r"\u0600-\u06ff\u0750-\u077f"), 0.8),
    (Characters(r"\u2000-\u206f\u20a0-\u22ff"), 1.2),
    (Characters(r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"), 1.25),
    (Characters(r"\U00010000-\U0001ffff"), 3.0),
)


def estimate_tokens(text: str) -> int:
    """Tokens of a text; 0 only for no text."""
    if not text:
        return 0
    tokens, rest = 0.0, text
    for script, weight in _SCRIPTS:
        if not rest:
            break
        before = len(rest)
        rest = script.removed(rest)
        tokens += (before - len(rest)) * weight
    return max(1, round(tokens + len(rest) * _OTHER))


def tokens_of_bytes(size: int) -> int:
    """Tokens of text of which only its size in UTF-8 is known."""
    return -(-size // _BYTES_PER_TOKEN)


def tokens_of(messages: Iterable[ChatMessage]) -> int:
    """Tokens of prompt messages, with what wraps each of them."""
    return sum(_message_tokens(message) for message in messages)


def tool_tokens(tool: ToolSpec) -> int:
    """Tokens of a tool's description."""
    schema = orjson.dumps(tool.parameters).decode()
    return estimate_tokens(tool.name + tool.description + schema) + MESSAGE_OVERHEAD


def prompt_tokens(request: ChatRequest) -> int:
    """Tokens of a whole request: messages, tool calls, tool descriptions."""
    return tokens_of(request.messages) + sum(map(tool_tokens, request.tools))


def estimated_usage(request: ChatRequest | None, *, text_bytes: int, reasoning_bytes: int) -> ChatUsage:
    """The usage of a call whose provider did not report any. Without a request, that of its output alone."""
    reasoning = tokens_of_bytes(reasoning_bytes)
    return ChatUsage(
        input_tokens=prompt_tokens(request) if request is not None else 0,
        output_tokens=reasoning + tokens_of_bytes(text_bytes),
        reasoning_tokens=reasoning,
        confidence="estimated",
    )


def _message_tokens(message: ChatMessage) -> int:
    calls = sum(estimate_tokens(call.name + call.arguments) + MESSAGE_OVERHEAD for call in message.tool_calls)
    returned = sum(tokens_of_bytes(len(orjson.dumps(opaque.payload))) for opaque in message.opaques)
    return estimate_tokens(message.text) + calls + returned + MESSAGE_OVERHEAD
