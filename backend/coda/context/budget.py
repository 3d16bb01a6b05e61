"""How much fits into a model's window: tokens estimated from characters, and what is kept free for the answer.

The estimate is calibrated by script on the cl100k vocabulary, which spends more on most scripts than newer ones do: it
errs towards too many tokens, so that a prompt that fits by it fits in truth.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from coda.core.patterns import Characters
from coda.llm.types import ChatMessage, ModelInfo

UNKNOWN_WINDOW = 8_192
MESSAGE_OVERHEAD = 5
MOST_CHARS_PER_TOKEN = 6
_BYTES_PER_OPAQUE_TOKEN = 4
_MOST_OVERESTIMATE = 1.6
_SMALLEST_RESERVE = 1_024
_LARGEST_RESERVE = 16_384

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
    """Tokens of a text, estimated; 0 only for no text."""
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


def tokens_of(messages: Iterable[ChatMessage]) -> int:
    """Tokens of prompt messages, estimated, with what wraps each of them."""
    return sum(_message_tokens(message) for message in messages)


def _message_tokens(message: ChatMessage) -> int:
    calls = sum(estimate_tokens(call.name + call.arguments) + MESSAGE_OVERHEAD for call in message.tool_calls)
    returned = sum(len(orjson.dumps(opaque.payload)) for opaque in message.opaques) // _BYTES_PER_OPAQUE_TOKEN
    return estimate_tokens(message.text) + calls + returned + MESSAGE_OVERHEAD


@dataclass(frozen=True, slots=True)
class Budget:
    """A model's window and the part of it that the answer may need; both in tokens.

    `is_known`: the model says so itself; else the window is a guess.
    """

    window: int
    reserved_output: int
    is_known: bool = True

    @property
    def for_prompt(self) -> int:
        """What the prompt may take."""
        return self.window - self.reserved_output

    def cannot_hold(self, tokens: int) -> bool:
        """Whether so many estimated tokens are too many however much the estimate errs."""
        return self.is_known and tokens > self.window * _MOST_OVERESTIMATE


def budget_of(model: ModelInfo) -> Budget:
    """A sixteenth of the window is kept for the answer, within limits. An unknown window counts as a small one."""
    window = model.context_window or UNKNOWN_WINDOW
    reserve = min(max(window // 16, _SMALLEST_RESERVE), _LARGEST_RESERVE, window // 4)
    if model.max_output_tokens:
        reserve = min(reserve, model.max_output_tokens)
    return Budget(window, reserve, is_known=model.context_window is not None)
