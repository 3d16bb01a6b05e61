"""A ChatRequest in Ollama's form."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from coda.llm.adapters.openai_body import passed_on, tool_body
from coda.llm.adapters.returning import returned_fields
from coda.llm.dialects.dialect import Dialect
from coda.llm.dialects.history import argument_object
from coda.llm.errors import ImagesRefused, ParameterRefused
from coda.llm.types import ChatMessage, ChatRequest

_THINK: Final[Mapping[str, bool | str]] = {"none": False, "minimal": "low", "xhigh": "high", "max": "high"}
"""Efforts that have another name here."""
_NOT_HERE: Final = ("logit_bias", "logprobs")
"""Fields of OpenAI's wire that change what is said, and that this one does not have."""


def chat_body(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """The JSON of a streaming call; the window is what the prompt was budgeted for.

    Raises ParameterRefused, ImagesRefused for what this wire cannot say.
    """
    _check(request)
    given = (dialect.extra_body, passed_on(request))
    body: dict[str, Any] = {
        **given[0],
        **given[1],
        "model": request.model,
        "messages": list(_messages(request.messages, dialect)),
        "stream": True,
        "options": {**_given_options(*given), **_options(request)},
    }
    if request.tools and request.tool_choice != "none":
        body["tools"] = [tool_body(tool) for tool in request.tools]
    if request.reasoning_effort is not None:
        body["think"] = _THINK.get(request.reasoning_effort, request.reasoning_effort)
    if (form := _form(request.response_format)) is not None:
        body["format"] = form
    return body


def _given_options(*given: Mapping[str, Any]) -> dict[str, Any]:
    """The runner's own settings, such as `num_gpu`: of the connection, then of the request."""
    found = [each["options"] for each in given if isinstance(each.get("options"), Mapping)]
    return {name: value for options in found for name, value in options.items()}


def _options(request: ChatRequest) -> dict[str, Any]:
    options = {
        "num_ctx": request.context_window,
        "num_predict": request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
        "seed": request.seed,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
    }
    return {name: value for name, value in options.items() if value is not None}


def _check(request: ChatRequest) -> None:
    if request.tools and request.tool_choice not in (None, "auto", "none"):
        raise ParameterRefused("Ollama lets the model choose its tools.", param="tool_choice")
    if request.tools and request.parallel_tool_calls is False:
        raise ParameterRefused("Ollama lets the model call several tools.", param="parallel_tool_calls")
    unsaid = next((name for name in _NOT_HERE if request.extra.get(name)), None)
    if unsaid is not None:
        raise ParameterRefused("Ollama does not have it.", param=unsaid)


def _form(response_format: Mapping[str, Any] | None) -> Any:  # noqa: ANN401 - a word, or any JSON schema
    """`json`, or the schema itself."""
    told = response_format or {}
    if told.get("type") == "json_schema":
        schema = told.get("json_schema")
        return schema.get("schema", "json") if isinstance(schema, Mapping) else "json"
    return "json" if told.get("type") == "json_object" else None


def _messages(messages: Sequence[ChatMessage], dialect: Dialect) -> Iterator[dict[str, Any]]:
    """Results name their tool: there are no ids on this wire."""
    names: dict[str, str] = {}
    for message in messages:
        returned = {name: value for name, value in returned_fields(message).items() if name not in dialect.refuses}
        body: dict[str, Any] = {"role": message.role, "content": message.text, **returned}
        if message.images:
            body["images"] = _images(message)
        if message.role == "tool":
            body["tool_name"] = message.name or names.get(message.tool_call_id or "", "")
        if message.tool_calls:
            names.update((call.id, call.name) for call in message.tool_calls)
            body["tool_calls"] = [
                {"function": {"name": call.name, "arguments": orjson.loads(argument_object(call.arguments))}}
                for call in message.tool_calls
            ]
        yield body


def _images(message: ChatMessage) -> list[str]:
    pictures = [image.base64 for image in message.images]
    if None in pictures:
        raise ImagesRefused("Ollama fetches none: send it as a data: URL in base64.")
    return [picture for picture in pictures if picture is not None]
