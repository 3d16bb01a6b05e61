"""What a client of OpenAI's Responses API asks, and the chat completion that it means."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from coda.core.http.errors import field_of
from coda.gateways.answers.errors import InvalidParameter
from coda.gateways.openai_api.errors import told
from coda.gateways.openai_api.parameters import Metadata
from coda.gateways.openai_api.requests import ChatCompletionRequest

_MOST_ITEMS: Final = 10_000
_MOST_TOKENS: Final = 2**31 - 1
_MOST_INCLUDED: Final = 20
_REFUSED: Final[Mapping[str, str]] = {
    "conversation": "Conversations of this API are not supported: use `previous_response_id`.",
    "prompt": "Stored prompts are not supported.",
    "max_tool_calls": "Hosted tools, which this counts, are not supported.",
    "top_logprobs": "Log probabilities are not supported.",
    "context_management": "Compaction is not supported.",
    "moderation": "Moderation of the provider is not supported.",
}
_OWN: Final = frozenset(_REFUSED) | {"stream_options"}
"""Parameters of this API alone, which no chat completion has."""
_CHAT_NAMES: Final[Mapping[str, str]] = {
    "response_format": "text.format",
    "response_format.json_schema": "text.format",
    "response_format.json_schema.schema": "text.format.schema",
    "max_completion_tokens": "max_output_tokens",
    "reasoning_effort": "reasoning.effort",
    "verbosity": "text.verbosity",
}


class ResponsesRequest(BaseModel):
    """As OpenAI documents it. What is known and cannot be honoured answers 400 with `param`."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: str = Field(min_length=1, max_length=300)
    input: str | Annotated[list[dict[str, Any]], Field(max_length=_MOST_ITEMS)]
    instructions: str | None = None
    previous_response_id: str | None = Field(default=None, max_length=100)
    stream: bool | None = None
    background: bool | None = None
    store: bool | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    text: dict[str, Any] | None = None
    reasoning: dict[str, Any] | None = None
    max_output_tokens: int | None = Field(default=None, ge=1, le=_MOST_TOKENS)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    include: Annotated[list[str], Field(max_length=_MOST_INCLUDED)] | None = None
    truncation: Literal["auto", "disabled"] | None = None
    metadata: Metadata | None = None
    user: str | None = None

    @property
    def is_stored(self) -> bool:
        """Whether it is to be found again by its id."""
        return self.store is not False

    def check_supported(self) -> None:
        """Raises InvalidParameter for what this server cannot do."""
        extra = self.model_extra or {}
        for name, why in _REFUSED.items():
            if extra.get(name):
                raise InvalidParameter(name, why)
        if self.background and not self.model.startswith("coda-agent/"):
            raise InvalidParameter("background", "Only the agent answers in the background: use `coda-agent/...`.")
        if self.background and not self.is_stored:
            raise InvalidParameter("background", "What is not stored cannot be found again: leave `store` out.")
        if "message.output_text.logprobs" in (self.include or ()):
            raise InvalidParameter("include", "Log probabilities are not supported.")
        if self.truncation == "auto" and not self.model.startswith("coda-agent/"):
            raise InvalidParameter("truncation", "Only the agent shortens what is too long: use `coda-agent/...`.")

    def as_chat(self, messages: Sequence[Mapping[str, Any]]) -> ChatCompletionRequest:
        """The chat completion with these messages; raises InvalidParameter."""
        self.check_supported()
        tools, choice = _tools_and_choice(self.tools or (), self.tool_choice)
        given = {
            **{name: value for name, value in (self.model_extra or {}).items() if name not in _OWN},
            "model": self.model,
            "messages": [*self._instructions(), *messages],
            "stream": self.stream,
            "tools": tools,
            "tool_choice": choice,
            "parallel_tool_calls": self.parallel_tool_calls,
            "max_completion_tokens": self.max_output_tokens,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "reasoning_effort": (self.reasoning or {}).get("effort"),
            "response_format": _format((self.text or {}).get("format")),
            "verbosity": (self.text or {}).get("verbosity"),
            "user": self.user,
        }
        try:
            return ChatCompletionRequest.model_validate(
                {name: value for name, value in given.items() if value is not None}
            )
        except ValidationError as error:
            problems = [{**problem, "loc": ("body", *problem["loc"])} for problem in error.errors()]
            param, message = told([field_of(problem) for problem in problems])
            own = own_name(param or "")
            raise InvalidParameter(own, message.replace(f"`{param}`", f"`{own}`")) from None

    def _instructions(self) -> list[dict[str, Any]]:
        return [{"role": "system", "content": self.instructions}] if self.instructions else []

    def echo(self) -> dict[str, Any]:
        """What a response repeats of its request."""
        extra = self.model_extra or {}
        text = self.text or {}
        return {
            "model": self.model,
            "instructions": self.instructions,
            "previous_response_id": self.previous_response_id,
            "store": self.is_stored,
            "tools": self.tools or [],
            "tool_choice": self.tool_choice or "auto",
            "parallel_tool_calls": self.parallel_tool_calls is not False,
            "text": {**text, "format": text.get("format") or {"type": "text"}},
            "reasoning": {"effort": None, "summary": None, **(self.reasoning or {})},
            "max_output_tokens": self.max_output_tokens,
            "max_tool_calls": None,
            "temperature": self.temperature,
            "top_p": self.top_p,
            "top_logprobs": 0,
            "truncation": self.truncation or "disabled",
            "service_tier": extra.get("service_tier"),
            "metadata": self.metadata or {},
            "user": self.user,
        }


def own_name(param: str) -> str:
    """What a parameter of a chat completion is called in this API."""
    if param.startswith("messages"):
        return "input"
    return _CHAT_NAMES.get(param, param)


def _tools_and_choice(
    tools: Sequence[Mapping[str, Any]], choice: str | Mapping[str, Any] | None
) -> tuple[list[dict[str, Any]], str | dict[str, Any] | None]:
    functions = [_function(tool, f"tools[{at}]") for at, tool in enumerate(tools)]
    if not isinstance(choice, Mapping):
        return functions, choice
    kind = choice.get("type")
    if kind == "function":
        return functions, {"type": "function", "function": {"name": _name(choice, "tool_choice")}}
    if kind == "allowed_tools":
        listed = choice.get("tools")
        if not isinstance(listed, list):
            raise InvalidParameter("tool_choice.tools", "It must be a list of functions.")
        names = {_name(tool, f"tool_choice.tools[{at}]") for at, tool in enumerate(listed)}
        allowed = [tool for tool in functions if tool["function"]["name"] in names]
        return allowed, str(choice.get("mode") or "auto")
    raise InvalidParameter("tool_choice", f"The choice {str(kind)[:40]!r} is not supported: only functions are.")


def _name(tool: object, at: str) -> str:
    name = tool.get("name") if isinstance(tool, Mapping) else None
    if not isinstance(name, str):
        raise InvalidParameter(f"{at}.name", "It must be the name of a function.")
    return name


def _function(tool: Mapping[str, Any], at: str) -> dict[str, Any]:
    if tool.get("type") != "function":
        kind = str(tool.get("type"))[:40]
        raise InvalidParameter(f"{at}.type", f"The hosted tool {kind!r} is not supported: only functions are.")
    named = ("name", "description", "parameters", "strict")
    return {"type": "function", "function": {name: tool[name] for name in named if tool.get(name) is not None}}


def _format(given: object) -> dict[str, Any] | None:
    if given is None:
        return None
    kind = given.get("type") if isinstance(given, Mapping) else None
    if isinstance(given, Mapping) and kind == "json_schema":
        return {"type": kind, "json_schema": {name: value for name, value in given.items() if name != "type"}}
    if kind == "json_object":
        return {"type": kind}
    if kind == "text":
        return None
    raise InvalidParameter("text.format", f"The format {str(kind)[:40]!r} is not supported.")
