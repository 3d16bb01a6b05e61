"""The messages of a request as the model seam takes them: text, pictures, tool calls and their results."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.openai_api.parameters import Strict
from coda.llm.types import ChatMessage, ContentBlock, ImageBlock, TextBlock, ToolCallRequest

Content = str | list[dict[str, Any]] | None
_ROLES: Final[dict[str, Literal["system", "user", "assistant", "tool"]]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


class FunctionCall(Strict):
    """The function that an assistant message called."""

    name: str
    arguments: str = "{}"


class ToolCall(Strict):
    """A tool call of an assistant message."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class Message(Strict):
    """A message of the conversation; content is text, or parts. A person's message may hold pictures."""

    role: str
    content: Content = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


def chat_messages(messages: Sequence[Message]) -> list[ChatMessage]:
    """The messages of the prompt; raises InvalidParameter."""
    return [_message(message, at) for at, message in enumerate(messages)]


def _message(message: Message, at: int) -> ChatMessage:
    role = _ROLES.get(message.role)
    if role is None:
        raise InvalidParameter(f"messages[{at}].role", f"The role {message.role[:40]!r} is not supported.")
    if role == "tool" and not message.tool_call_id:
        raise InvalidParameter(f"messages[{at}].tool_call_id", "A tool message names the call that it answers.")
    calls = [ToolCallRequest(call.id, call.function.name, call.function.arguments) for call in message.tool_calls or ()]
    return ChatMessage(
        role,
        tuple(_content(message.content, f"messages[{at}].content", with_pictures=role == "user")),
        tool_calls=tuple(calls),
        tool_call_id=message.tool_call_id,
        name=message.name,
    )


def _content(content: Content, place: str, *, with_pictures: bool) -> list[ContentBlock]:
    """Blocks in their order; texts that follow each other are one."""
    if content is None or isinstance(content, str):
        return [TextBlock(content or "")]
    blocks: list[ContentBlock] = []
    for number, part in enumerate(content):
        block = _block(part, f"{place}[{number}]", with_pictures=with_pictures)
        last = blocks[-1] if blocks else None
        if isinstance(block, TextBlock) and isinstance(last, TextBlock):
            blocks[-1] = TextBlock(f"{last.text}\n{block.text}")
        else:
            blocks.append(block)
    return blocks or [TextBlock("")]


def _block(part: dict[str, Any], place: str, *, with_pictures: bool) -> ContentBlock:
    kind = part.get("type")
    text = part.get("text") if kind == "text" else part.get("refusal")
    if isinstance(text, str):
        return TextBlock(text)
    if kind == "image_url" and with_pictures:
        return _picture(part.get("image_url"), f"{place}.image_url")
    raise InvalidParameter(place, "Content is text; the user's messages may hold pictures too.")


def _picture(given: object, place: str) -> ImageBlock:
    fields = given if isinstance(given, dict) else {"url": given}
    url, detail = fields.get("url"), fields.get("detail")
    if not isinstance(url, str) or not url.startswith(("data:image/", "http://", "https://")):
        raise InvalidParameter(f"{place}.url", "A picture is a data: URL, or an http(s) address.")
    return ImageBlock(url, detail if isinstance(detail, str) else None)
