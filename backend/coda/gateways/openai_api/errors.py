"""Errors of this wire, and every error in OpenAI's form."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import Response

from coda.core.errors import CodaError
from coda.core.http.errors import ErrorAnswer, answer_of
from coda.core.patterns import Pattern

_TYPES: Final[Mapping[int, str]] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_CODES: Final[Mapping[str, str]] = {
    "llm.model_not_found": "model_not_found",
    "llm.context_window_exceeded": "context_length_exceeded",
    "context.prompt_too_long": "context_length_exceeded",
    "llm.provider_busy": "rate_limit_exceeded",
    "llm.content_refused": "content_filter",
    "core.rate_limited": "rate_limit_exceeded",
    "runs.too_many_queued": "rate_limit_exceeded",
    "llm.credit_exhausted": "insufficient_quota",
    "core.no_such_path": "unknown_url",
}
_STATUS_OF: Final[Mapping[str, int]] = {
    "llm.credit_exhausted": 429,
    "llm.provider_timeout": 504,
    "runs.timed_out": 504,
}
FINAL: Final = frozenset(
    {
        "llm.access_denied",
        "llm.certificate_refused",
        "llm.credit_exhausted",
        "llm.failed",
        "llm.key_refused",
        "llm.provider_timeout",
        "llm.proxy_refused",
        "llm.stream_cut",
    }
)
"""With a status at which clients would ask again by themselves, though that does not help, or is paid for twice."""
_OF_A_UNION: Final = Pattern(r"\.(?:(?:constrained-)?(?:str|int|float|bool)|(?:list|dict|literal)\[.*)$")
"""What the name of a field ends with where one of several types was tried."""
_INDEX: Final = Pattern(r"\.([0-9]{1,9})\b")
_BAD_REQUEST, _UNAUTHENTICATED, _UNPROCESSABLE, _SERVER_ERROR = 400, 401, 422, 500


def render_openai_error(answer: ErrorAnswer) -> Response:
    """An error answer as OpenAI's clients read it."""
    is_final = answer.code in FINAL or answer.details.get("tries", 1) > 1
    headers = {**answer.headers, **({"x-should-retry": "false"} if is_final else {})}
    body = orjson.dumps({"error": error_body(answer)}, default=str)
    return Response(body, _status(answer), headers=headers, media_type="application/json")


def error_block(error: CodaError) -> bytes:
    """An error as an event of a stream, which the official clients raise."""
    return b"data: " + orjson.dumps({"error": error_body(answer_of(error))}, default=str) + b"\n\n"


def error_body(answer: ErrorAnswer) -> dict[str, Any]:
    """The object under `error`."""
    status = _status(answer)
    kind = "server_error" if status >= _SERVER_ERROR else _TYPES.get(status, "invalid_request_error")
    code = "invalid_api_key" if status == _UNAUTHENTICATED else _CODES.get(answer.code, answer.code)
    param, message = answer.details.get("param"), answer.message
    if fields := _fields(answer.details):
        param, message = told(fields)
    return {"message": message, "type": kind, "param": None if param is None else str(param), "code": code}


def _status(answer: ErrorAnswer) -> int:
    return _STATUS_OF.get(answer.code) or (_BAD_REQUEST if answer.status == _UNPROCESSABLE else answer.status)


def told(fields: Sequence[Mapping[str, Any]]) -> tuple[str | None, str]:
    """The first wrong parameter in OpenAI's form, and which it is, what is allowed there, and what was got."""
    param = _param_of(fields[0])
    of_it = [field for field in fields if _param_of(field) == param]
    allowed = "; or: ".join(dict.fromkeys(str(field.get("message")) for field in of_it))
    got = of_it[0].get("got")
    place = f"Invalid `{param}`" if param else "Invalid request"
    return param or None, f"{place}: {allowed}." + (f" Got {got}." if got is not None else "")


def _param_of(field: Mapping[str, Any]) -> str:
    """`messages[0].content`, whichever of its types was tried."""
    return _INDEX.sub(lambda found: f"[{found[1]}]", _OF_A_UNION.sub("", str(field.get("field"))))


def _fields(details: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    fields = details.get("fields")
    return [field for field in fields if isinstance(field, Mapping)] if isinstance(fields, list) else []
