"""Token counts where no provider counted: about four UTF-8 bytes a token, on the generous side."""

from coda.llm.types import ChatRequest, ChatUsage

_BYTES_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4
_TOKENS_PER_TOOL = 16


def tokens_in(text: str) -> int:
    """The estimated tokens of a text."""
    return tokens_of(len(text.encode()))


def tokens_of(size: int) -> int:
    """The estimated tokens of so many bytes."""
    return -(-size // _BYTES_PER_TOKEN)


def prompt_tokens(request: ChatRequest) -> int:
    """The estimated tokens of a whole request: messages, tool calls, tool descriptions."""
    total = 0
    for message in request.messages:
        calls = sum(tokens_in(call.name) + tokens_in(call.arguments) for call in message.tool_calls)
        total += tokens_in(message.text) + calls + _TOKENS_PER_MESSAGE
    for tool in request.tools:
        total += tokens_in(tool.name) + tokens_in(tool.description) + tokens_in(str(tool.parameters)) + _TOKENS_PER_TOOL
    return total


def estimated_usage(request: ChatRequest, *, text_bytes: int, reasoning_bytes: int) -> ChatUsage:
    """The usage of a call whose provider did not report any."""
    reasoning = tokens_of(reasoning_bytes)
    return ChatUsage(
        input_tokens=prompt_tokens(request),
        output_tokens=reasoning + tokens_of(text_bytes),
        reasoning_tokens=reasoning,
        confidence="estimated",
    )
