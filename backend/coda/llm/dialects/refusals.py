"""Learns from a refusal what a server does not take, so that it is left out from then on."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from coda.core.patterns import Pattern
from coda.llm.dialects.dialect import Dialect
from coda.llm.errors import (
    ContentRefused,
    ContextWindowExceeded,
    ImagesRefused,
    ModelError,
    ModelNotFound,
    ParameterRefused,
    ProviderUnavailable,
    RequestRejected,
    RequestTooLarge,
)
from coda.llm.types import ChatRequest

IMAGES: Final = "images"
TELLING: Final[Mapping[str, str]] = {
    IMAGES: "pictures",
    "tools": "tools",
    "tool_choice": "a choice of tools",
    "system": "instructions of their own role",
    "temperature": "a temperature",
    "top_p": "top_p",
    "stop": "stop words",
    "seed": "a seed",
    "presence_penalty": "a penalty for what was said",
    "frequency_penalty": "a penalty for what was said often",
    "reasoning_effort": "a reasoning effort",
    "response_format": "a form of the answer",
    "parallel_tool_calls": "a say in whether tools are called at once",
    "max_output_tokens": "a limit of the answer's length",
}
"""What a person should know of where it was left out, and how it is called."""

RETURNED: Final = (
    "reasoning_content", "reasoning_details", "thinking_blocks", "extra_content", "provider_specific_fields",
    "reasoning", "thinking",
)  # fmt: skip
"""Fields that go back to a provider with its own messages."""

_OTHER_MAX: Final = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_NEVER: Final = (ContentRefused, ContextWindowExceeded, ImagesRefused, RequestTooLarge)
_MAYBE: Final = (RequestRejected, ModelNotFound, ProviderUnavailable)


def _pattern(*alternatives: str) -> Pattern:
    return Pattern("(?is)" + "|".join(f"(?:{each})" for each in alternatives))


_NOT: Final = (
    r"(not (currently )?(support|allow|enabl|permit|available|implement|recogni|accept)|n't (support|allow|accept)"
)
_NOT_TAKEN: Final = (
    _NOT + r"|unsupported|un(known|expected|recogni[sz]ed)|invalid|extra (inputs|fields)|deprecated|disabled)"
)
_IS_REFUSED: Final = _pattern(_NOT_TAKEN, r"only the default", r"cannot be", r"no such", r"must not", r"remove")
_IS_ABOUT_A_VALUE: Final = _pattern(
    r"between", r"(less|greater|smaller|larger) than", r"[<>]=", r"at (most|least)", r"\brange\b",
    r"must be (a|an|one of)\b",
)  # fmt: skip
_TOOLS: Final = _pattern(
    r"\b(tools?|functions?)\b.{0,60}" + _NOT_TAKEN,
    _NOT_TAKEN + r".{0,60}\b(tools?|functions?)\b",
    r"support(s|ing)? (tool|function)",
    r"tool choice requires",
    r"\btools?\b.{0,40}requires? --",
)
_SYSTEM: Final = _pattern(
    r"\b(system|developer)\b.{0,60}" + _NOT_TAKEN,
    _NOT_TAKEN + r".{0,40}\b(system|developer) (role|message|prompt|instruction)",
    r"only user(,| and) (assistant|model)",
    r"\brole\b.{0,20}" + _NOT + r").{0,10}\b(system|developer)\b",
)
_ALTERNATE: Final = _pattern(r"roles? must alternate", r"alternat.{0,40}user", r"consecutive.{0,40}(role|message)")
_NINE: Final = _pattern(r"tool.?call.{0,80}length of 9", r"a-z, A-Z, 0-9, with a length of 9")
VALUES: Final = (
    "reasoning_effort", "temperature", "top_p", "stop", "tool_choice", "seed", "presence_penalty", "frequency_penalty",
    "response_format", "parallel_tool_calls",
)  # fmt: skip
"""What is asked of an answer and can be left out of the request."""
_NAMED: Final = {name: Pattern(rf"\b{name}\b") for name in VALUES}
_OUTPUT_LIMIT: Final = _pattern(r"max_tokens: \d{1,9} > (\d{1,9})", r"at most (\d{1,9}) (?:completion|output) tokens")
_EMPTY: Final = _pattern(r"content.{0,40}(null|none\b|must be a string|valid string|required|missing)")


def learn(dialect: Dialect, error: ModelError, request: ChatRequest) -> Dialect | None:
    """The dialect without what this error refuses; None where it names nothing that can be left out."""
    if isinstance(error, _NEVER) or not isinstance(error, _MAYBE):
        return None
    if isinstance(error, ParameterRefused):
        return _refusing(dialect, error.param) if error.param in _asked_values(request) else None
    said = error.said or ""
    if not said:  # the field that is least known, and least missed
        is_about_us = isinstance(error, RequestRejected) or error.status == HTTPStatus.INTERNAL_SERVER_ERROR
        return _refusing(dialect, "stream_options") if is_about_us else None
    for learnt in (_form(dialect, said, is_strict=request.is_strict), _named(dialect, said, request)):
        if learnt is not None:
            return learnt
    return None


def _form(dialect: Dialect, said: str, *, is_strict: bool) -> Dialect | None:
    """The server takes all of it, in another form."""
    if dialect.call_ids == "any" and _NINE.search(said):
        return replace(dialect, call_ids="nine")
    if not dialect.alternates and _ALTERNATE.search(said):
        return replace(dialect, alternates=True, refuses=dialect.refuses | {"system"})
    if dialect.empty_content is None and _EMPTY.search(said):
        return replace(dialect, empty_content="")
    limit = None if is_strict or dialect.most_output is not None else _OUTPUT_LIMIT.search(said)
    return replace(dialect, most_output=int(next(filter(None, limit.groups())))) if limit else None


def _named(dialect: Dialect, said: str, request: ChatRequest) -> Dialect | None:
    """The server names what it does not take."""
    if "stream_options" in said:
        return _refusing(dialect, "stream_options")
    if request.max_output_tokens is not None and dialect.max_tokens_field in said:
        other = _OTHER_MAX.get(dialect.max_tokens_field)
        if other is not None and (other in said or _is_refused(said)):
            return _other_max(dialect, other)
    for name in _asked_values(request):
        if _NAMED[name].search(said) and _is_refused(said):
            return _refusing(dialect, name)
    if request.tools and may_leave_out(request, "tools") and _TOOLS.search(said):
        return _refusing(dialect, "tools")
    if any(message.role == "system" for message in request.messages) and _SYSTEM.search(said):
        return _refusing(dialect, "system")
    returned = next((name for name in RETURNED if name in said and name not in dialect.refuses), None)
    return _refusing(dialect, returned) if returned is not None else None


def may_leave_out(request: ChatRequest, name: str) -> bool:
    """Whether the sender would rather have an answer without this than none."""
    return not request.is_strict and name not in request.required


def asked_values(request: ChatRequest) -> list[str]:
    """The values that were asked for."""
    return [name for name in VALUES if getattr(request, name) not in (None, (), [])]


def _asked_values(request: ChatRequest) -> list[str]:
    """Those that can be left out."""
    return [name for name in asked_values(request) if may_leave_out(request, name)]


def tell_param(error: ModelError, request: ChatRequest) -> None:
    """Name the parameter that a rejection is about, where its words do: for whoever has to change it."""
    if not isinstance(error, RequestRejected) or "param" in error.details or not error.said:
        return
    named = next((name for name in asked_values(request) if _NAMED[name].search(error.said)), None)
    if named is None and request.tools and _TOOLS.search(error.said):
        named = "tools"
    if named is not None:
        error.details["param"] = named


def _is_refused(said: str) -> bool:
    """Whether the field itself is refused; a value out of its range is for the person to put right."""
    return bool(_IS_REFUSED.search(said)) and not _IS_ABOUT_A_VALUE.search(said)


def _other_max(dialect: Dialect, other: str) -> Dialect | None:
    if other in dialect.refuses:
        return _refusing(dialect, "max_output_tokens")
    refuses = dialect.refuses | {dialect.max_tokens_field}
    return replace(dialect, max_tokens_field=other, refuses=refuses)


def _refusing(dialect: Dialect, name: str) -> Dialect | None:
    return None if name in dialect.refuses else replace(dialect, refuses=dialect.refuses | {name})
