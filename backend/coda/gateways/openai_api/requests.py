"""What a client of this wire asks, and the model call that it means."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from coda.gateways.openai_api.errors import InvalidParameter
from coda.llm.types import ChatMessage, ChatRequest, ToolCallRequest, ToolSpec

_MOST_MESSAGES = 10_000
_MOST_TOKENS = 2**31 - 1
_PASSED_ON = ("response_format", "seed", "presence_penalty", "frequency_penalty", "parallel_tool_calls")
_UNSUPPORTED = {
    "logprobs": "Log probabilities are not supported.",
    "top_logprobs": "Log probabilities are not supported.",
    "audio": "Audio output is not supported.",
    "functions": "Use `tools` instead of `functions`.",
    "function_call": "Use `tool_choice` instead of `function_call`.",
    "web_search_options": "Web search of the provider is not supported.",
}
_ROLES: dict[str, Literal["system", "user", "assistant", "tool"]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
}


class FunctionCall(BaseModel):
    """The function that an assistant message called."""

    name: str
    arguments: str = "{}"


class ToolCall(BaseModel):
    """A tool call of an assistant message."""

    id: str
    type: Literal["function"] = "function"
    function: FunctionCall


class Message(BaseModel):
    """A message of the conversation; content is text, or parts that are all text."""

    role: str
    content: str | list[dict[str, Any]] | None = None
    name: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None


class Function(BaseModel):
    """A function that the model may call."""

    name: str = Field(min_length=1, max_length=128)
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ClientTool(BaseModel):
    """A tool of the client; the client runs it."""

    type: Literal["function"]
    function: Function


class StreamOptions(BaseModel):
    """What a stream carries besides the answer."""

    include_usage: bool = False


class ChatCompletionRequest(BaseModel):
    """As OpenAI documents it. Unknown parameters are ignored; unsupported ones answer 400 with `param`."""

    model_config = ConfigDict(extra="allow")

    model: str = Field(min_length=1, max_length=300)
    messages: list[Message] = Field(min_length=1, max_length=_MOST_MESSAGES, fail_fast=True)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=_MOST_TOKENS)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=_MOST_TOKENS)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    stop: str | list[str] | None = None
    tools: Annotated[list[ClientTool], Field(fail_fast=True)] | None = None
    tool_choice: str | dict[str, Any] | None = None
    reasoning_effort: str | None = None
    n: int | None = None
    modalities: list[str] | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether the stream ends with a usage chunk."""
        return self.stream_options is not None and self.stream_options.include_usage

    def check_supported(self) -> None:
        """Raises InvalidParameter for what this server cannot do."""
        if self.n is not None and self.n != 1:
            raise InvalidParameter("n", "Only one choice per request is supported: n must be 1.")
        if self.modalities is not None and self.modalities != ["text"]:
            raise InvalidParameter("modalities", "Only text output is supported.")
        for name, why in _UNSUPPORTED.items():
            if (self.model_extra or {}).get(name):
                raise InvalidParameter(name, why)

    def as_chat_request(self) -> ChatRequest:
        """The model call; raises InvalidParameter."""
        self.check_supported()
        extra = self.model_extra or {}
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or ()
        return ChatRequest(
            model="",
            messages=chat_messages(self.messages),
            tools=[_tool(tool) for tool in self.tools or ()],
            tool_choice=self.tool_choice,
            max_output_tokens=self.max_completion_tokens or self.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            stop=stop,
            reasoning_effort=self.reasoning_effort,
            is_strict=True,
            extra={name: extra[name] for name in _PASSED_ON if extra.get(name) is not None},
        )


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
    return ChatMessage.of(
        role,
        _text(message.content, at),
        tool_calls=tuple(calls),
        tool_call_id=message.tool_call_id,
        name=message.name,
    )


def _text(content: str | list[dict[str, Any]] | None, at: int) -> str:
    if isinstance(content, str):
        return content
    texts = []
    for number, part in enumerate(content or ()):
        text = part.get("text") if part.get("type") == "text" else part.get("refusal")
        if not isinstance(text, str):
            raise InvalidParameter(f"messages[{at}].content[{number}]", "Only text content is supported.")
        texts.append(text)
    return "\n".join(texts)


def _tool(tool: ClientTool) -> ToolSpec:
    parameters = tool.function.parameters or {"type": "object", "properties": {}}
    return ToolSpec(tool.function.name, tool.function.description or "", parameters)
