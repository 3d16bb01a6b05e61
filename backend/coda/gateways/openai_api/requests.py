"""What a client of this wire asks, and the model call that it means."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.openai_api.messages import Message, chat_messages
from coda.gateways.openai_api.parameters import (
    Choice,
    Name,
    PassedOn,
    Strict,
    check_choice,
    check_names,
)
from coda.llm.types import ChatRequest, ToolSpec

_MOST_MESSAGES = 10_000
_MOST_TOKENS = 2**31 - 1
_MOST_STOPS = 64
_Penalty = Annotated[float | None, Field(ge=-2, le=2)]
_UNSUPPORTED = {
    "logprobs": "Log probabilities are not supported.",
    "top_logprobs": "Log probabilities are not supported.",
    "audio": "Audio output is not supported.",
    "functions": "Use `tools` instead of `functions`.",
    "function_call": "Use `tool_choice` instead of `function_call`.",
    "web_search_options": "Web search of the provider is not supported.",
}


class Function(Strict):
    """A function that the model may call."""

    name: str = Field(min_length=1, max_length=128)
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ClientTool(Strict):
    """A tool of the client; the client runs it."""

    type: Literal["function"]
    function: Function


class StreamOptions(Strict):
    """What a stream carries besides the answer."""

    include_usage: bool | None = None


class ChatCompletionRequest(PassedOn):
    """As OpenAI documents it. Parameters that are not known here go to the model's server as they are.

    What is not supported answers 400 with `param`.
    """

    model_config = ConfigDict(extra="allow", strict=True)

    model: str = Field(min_length=1, max_length=300)
    messages: list[Message] = Field(min_length=1, max_length=_MOST_MESSAGES, fail_fast=True)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(default=None, ge=1, le=_MOST_TOKENS)
    max_completion_tokens: int | None = Field(default=None, ge=1, le=_MOST_TOKENS)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    stop: str | Annotated[list[str], Field(max_length=_MOST_STOPS)] | None = None
    tools: Annotated[list[ClientTool], Field(fail_fast=True)] | None = None
    tool_choice: Choice | None = None
    parallel_tool_calls: bool | None = None
    reasoning_effort: Name | None = None
    response_format: dict[str, Any] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    presence_penalty: _Penalty = None
    frequency_penalty: _Penalty = None
    n: int | None = None
    modalities: list[str] | None = None

    @property
    def wants_usage(self) -> bool:
        """Whether the stream ends with a usage chunk."""
        return self.stream_options is not None and self.stream_options.include_usage is True

    def check_supported(self) -> None:
        """Raises InvalidParameter for what this server cannot do."""
        if self.n is not None and self.n != 1:
            raise InvalidParameter("n", "Only one choice per request is supported: n must be 1.")
        if self.modalities is not None and self.modalities != ["text"]:
            raise InvalidParameter("modalities", "Only text output is supported.")
        for name, why in _UNSUPPORTED.items():
            if (self.model_extra or {}).get(name):
                raise InvalidParameter(name, why)
        check_names([tool.function.name for tool in self.tools or ()])
        check_choice(self.tool_choice)

    def as_chat_request(self) -> ChatRequest:
        """The model call; raises InvalidParameter."""
        self.check_supported()
        return ChatRequest(
            model="",
            messages=chat_messages(self.messages),
            tools=[_tool(tool) for tool in self.tools or ()],
            tool_choice=self.tool_choice,
            max_output_tokens=self.max_completion_tokens or self.max_tokens,
            temperature=self.temperature,
            top_p=self.top_p,
            stop=[self.stop] if isinstance(self.stop, str) else self.stop or (),
            seed=self.seed,
            presence_penalty=self.presence_penalty,
            frequency_penalty=self.frequency_penalty,
            reasoning_effort=self.reasoning_effort,
            response_format=self.response_format,
            parallel_tool_calls=self.parallel_tool_calls,
            is_strict=True,
            extra=self.passed_on(),
        )


def _tool(tool: ClientTool) -> ToolSpec:
    parameters = tool.function.parameters or {"type": "object", "properties": {}}
    return ToolSpec(tool.function.name, tool.function.description or "", parameters, tool.function.strict)
