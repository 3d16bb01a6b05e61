"""Errors of this wire, and every error in OpenAI's form."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from fastapi import Response

from coda.core.errors import CodaError, ErrorKind
from coda.core.http.errors import ErrorAnswer

_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
_CODES: Mapping[str, str] = {
    "llm.model_not_found": "model_not_found",
    "llm.context_window_exceeded": "context_length_exceeded",
    "context.prompt_too_long": "context_length_exceeded",
    "llm.provider_busy": "rate_limit_exceeded",
    "llm.content_refused": "content_filter",
    "core.rate_limited": "rate_limit_exceeded",
    "runs.too_many_queued": "rate_limit_exceeded",
    "identity.unauthenticated": "invalid_api_key",
}
_BAD_REQUEST, _UNPROCESSABLE, _SERVER_ERROR = 400, 422, 500


class InvalidParameter(CodaError):
    """A parameter that this wire does not support, or whose value makes no sense."""

    kind = ErrorKind.INVALID
    code = "openai_api.invalid_parameter"

    def __init__(self, param: str, message: str) -> None:
        super().__init__(message, param=param)


class AgentRunFailed(CodaError):
    """The agent's run ended with an error; it is stored with the answer."""

    kind = ErrorKind.UPSTREAM
    code = "openai_api.run_failed"

    def __init__(self, *, code: str, message: str, run_id: UUID) -> None:
        super().__init__(message, run_code=code, run_id=str(run_id))


class AnswerGoesOn(CodaError):
    """This server stops, but the agent's run does not: a request that is sent again would ask twice."""

    kind = ErrorKind.UNAVAILABLE
    code = "openai_api.restarting"

    def __init__(self, run_id: UUID) -> None:
        super().__init__("The server restarts. The answer goes on: find it in Coda.", run_id=str(run_id))


def render_openai_error(answer: ErrorAnswer) -> Response:
    """An error answer as OpenAI's clients read it."""
    status = _BAD_REQUEST if answer.status == _UNPROCESSABLE else answer.status
    body = {"error": error_body(status, answer.code, answer.message, answer.details)}
    headers = {**answer.headers, **({"x-should-retry": "false"} if answer.code == AnswerGoesOn.code else {})}
    return Response(orjson.dumps(body, default=str), status, headers=headers, media_type="application/json")


def error_body(status: int, code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """The object under `error`."""
    kind = "server_error" if status >= _SERVER_ERROR else _TYPES.get(status, "invalid_request_error")
    return {"message": message, "type": kind, "param": _param(details), "code": _CODES.get(code, code)}


def _param(details: Mapping[str, Any]) -> str | None:
    if "param" in details:
        return str(details["param"])
    fields = details.get("fields")
    if isinstance(fields, list) and fields and isinstance(fields[0], Mapping):
        return str(fields[0].get("field")) or None
    return None
