"""Errors of this wire, and every error in the form of JSON-RPC. Loads nothing of `mcp`."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import Response

from coda.core.errors import CodaError, ErrorKind
from coda.core.http.errors import ErrorAnswer

INVALID_REQUEST: Final = -32600
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
_BAD_PARAMS: Final = frozenset({404, 413, 422, 400})
_SERVER_ERROR: Final = 500


class ChatWaits(CodaError):
    """The chat waits for a person's decision before anything else can be asked in it."""

    kind = ErrorKind.CONFLICT
    code = "mcp.chat_waits"

    def __init__(self, session_id: UUID, link: str) -> None:
        message = f"This chat waits for a person's decision. Decide in Coda first: {link}"
        super().__init__(message, session_id=str(session_id), link=link)


class AnswerTookTooLong(CodaError):
    """The answer was not there in time, and was stopped."""

    kind = ErrorKind.UNAVAILABLE
    code = "mcp.timed_out"

    def __init__(self, seconds: float, link: str) -> None:
        message = f"The answer was not there after {seconds:.0f} seconds, and was stopped. What came is here: {link}"
        super().__init__(message, link=link)


class InvalidArguments(CodaError):
    """The arguments of a call or prompt are not as declared."""

    kind = ErrorKind.UNPROCESSABLE
    code = "mcp.invalid_arguments"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The arguments are not valid: {problem}")


class NoSuchResource(CodaError):
    """There is nothing at this URI for the caller."""

    kind = ErrorKind.NOT_FOUND
    code = "mcp.no_such_resource"

    def __init__(self) -> None:
        super().__init__("There is no such resource. Chats are `coda://sessions/<id>`.")


class NoSuchPrompt(CodaError):
    """There is no prompt of this name."""

    kind = ErrorKind.NOT_FOUND
    code = "mcp.no_such_prompt"

    def __init__(self) -> None:
        super().__init__("There is no prompt of this name.")


def error_object(answer: ErrorAnswer) -> dict[str, Any]:
    """The error of a JSON-RPC answer: Coda's own code is in `data`."""
    data: Mapping[str, Any] = {"code": answer.code, "details": dict(answer.details)}
    return {"code": rpc_code(answer.status), "message": answer.message, "data": data}


def rpc_code(status: int) -> int:
    """The code of JSON-RPC for a status of HTTP."""
    if status >= _SERVER_ERROR:
        return INTERNAL_ERROR
    return INVALID_PARAMS if status in _BAD_PARAMS else INVALID_REQUEST


def render_mcp_error(answer: ErrorAnswer) -> Response:
    """An error answer as clients of MCP read it."""
    body = {"jsonrpc": "2.0", "id": None, "error": error_object(answer)}
    content = orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, answer.status, headers=dict(answer.headers), media_type="application/json")
