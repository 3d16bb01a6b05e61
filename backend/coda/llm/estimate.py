"""Token counts where no provider has counted.

Calibrated by script on the cl100k vocabulary, which spends more on most scripts than newer ones do: an estimate errs
towards too many tokens, so that a prompt that fits by it fits in truth.
"""

import math
import string
from collections.abc import Iterable

import orjson

from coda.core.text import encodable
from coda.llm.types import ChatMessage, ChatRequest, ChatUsage, ImageBlock, ToolSpec

MESSAGE_OVERHEAD = 5
MOST_CHARS_PER_TOKEN = 6
_BYTES_PER_TOKEN = 4
_IMAGE_TOKENS, _SMALL_IMAGE_TOKENS = 1_600, 300
"""What a picture costs at most with most providers; the second where it is looked at fleetingly."""

_TILE, _TILED_SIDE, _PER_TILE, _PER_PICTURE, _PIXELS_PER_TOKEN = 512, 768, 170, 85, 750

_WORDS, _DIGIT, _SIGN = 0.23, 0.6, 0.75
_OTHER = 1.0
_WORD_BYTES = string.ascii_letters.encode() + b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
_DIGIT_BYTES = string.digits.encode()
_ASCII, _BEYOND_ASCII = bytes(range(0x80)), bytes(range(0x80, 0x100))
_FOLLOWING = bytes(range(0x80, 0xC0))
# Tokens per character beyond ASCII, told by the first byte of its UTF-8: those of East Asia, Latin, Cyrillic, Arabic,
# Georgian to Khmer and what Vietnamese adds to Latin, signs, emoji. What none of these begin counts as one token each.
_SCRIPTS: tuple[tuple[bytes, float], ...] = (
    (bytes(range(0xE3, 0xF0)), 1.25),
    (bytes(range(0xC2, 0xCA)), 0.6),
    (bytes(range(0xD0, 0xD5)), 0.45),
    (b"\xd8\xd9\xda\xdb\xdd", 0.8),
    (b"\xe1", 2.0),
    (b"\xe2", 1.2),
    (bytes(range(0xF0, 0xF5)), 3.0),
)


def estimate_tokens(text: str) -> int:
    """Tokens of a text; 0 only for no text. Counted by bytes: megabytes of any script take a few milliseconds."""
    if not text:
        return 0
    if text.isascii():
        return max(1, round(_tokens_of_ascii(text.encode())))
    first = encodable(text).encode().translate(None, _FOLLOWING)
    tokens = _tokens_of_ascii(first.translate(None, _BEYOND_ASCII)) + _tokens_beyond_ascii(
        first.translate(None, _ASCII)
    )
    return max(1, round(tokens))


def _tokens_of_ascii(text: bytes) -> float:
    others = len(text.translate(None, _WORD_BYTES))
    signs = len(text.translate(None, _WORD_BYTES + _DIGIT_BYTES))
    return (len(text) - others) * _WORDS + (others - signs) * _DIGIT + signs * _SIGN


def _tokens_beyond_ascii(first: bytes) -> float:
    tokens = 0.0
    for script, weight in _SCRIPTS:
        if not first:
            break
        before = len(first)
        first = first.translate(None, script)
        tokens += (before - len(first)) * weight
    return tokens + len(first) * _OTHER


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


def _image_tokens(image: ImageBlock) -> int:
    """The dearer of two customs: tiles of 512 pixels within 2,048, 170 each; a token for 750 pixels, up to 1,600."""
    if image.detail == "low":
        return _SMALL_IMAGE_TOKENS
    if image.stored is None:
        return _IMAGE_TOKENS
    width, height = image.stored.width, image.stored.height
    shrink = min(1.0, _TILED_SIDE / max(1, min(width, height)))
    tiles = math.prod(math.ceil(side * shrink / _TILE) for side in (width, height))
    return max(_PER_PICTURE + _PER_TILE * tiles, min(_IMAGE_TOKENS, width * height // _PIXELS_PER_TOKEN))


def _message_tokens(message: ChatMessage) -> int:
    calls = sum(estimate_tokens(call.name + call.arguments) + MESSAGE_OVERHEAD for call in message.tool_calls)
    returned = sum(tokens_of_bytes(len(orjson.dumps(opaque.payload))) for opaque in message.opaques)
    seen = sum(_image_tokens(image) for image in message.images)
    return estimate_tokens(message.text) + calls + returned + seen + MESSAGE_OVERHEAD
