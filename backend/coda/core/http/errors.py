"""Every error as an HTTP answer: one table from kinds to statuses, one body, no stack traces."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coda.core.db import DatabaseUnavailable, is_database_away
from coda.core.errors import CodaError, ErrorKind
from coda.core.http.methods import allowed_methods
from coda.core.text import whole

log = structlog.get_logger(__name__)

STATUS: Final[Mapping[ErrorKind, int]] = {
    ErrorKind.INVALID: 400,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.GONE: 410,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNPROCESSABLE: 422,
    ErrorKind.RATE_LIMITED: 429,
    ErrorKind.INTERNAL: 500,
    ErrorKind.UPSTREAM: 502,
    ErrorKind.UNAVAILABLE: 503,
}
_HTTP_CODES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("core.invalid_request", "The request cannot be read."),
    404: ("core.no_such_path", "There is nothing at this address."),
    405: ("core.method_not_allowed", "This address does not answer to this method."),
    408: ("core.request_timeout", "The request did not arrive in time. Send it again."),
    413: ("core.too_large", "The request is larger than this server accepts."),
}
_SERVER_ERROR: Final = 500
_NO_SUCH_METHOD: Final = 405
_NO_CONTENT: Final = 204
_DATA_EXCEPTION: Final = "22"
_LONGEST_NAME: Final = 200
_LONGEST_NUMBER: Final = 40
_WITHOUT_VALUE: Final = frozenset({"missing", "json_invalid"})
LONGEST_MESSAGE: Final = 500
MOST_FIELDS: Final = 20
"""So many wrong fields are told of one request; whoever mends them learns of the others."""


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error as it is told to a client."""

    status: int
    code: str
    message: str
    details: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


ErrorRenderer = Callable[[ErrorAnswer], Response]

INTERNAL: Final = ErrorAnswer(500, "core.internal", "Something went wrong on the server. It has been logged.")


def install_error_handlers(app: FastAPI, renderers: Mapping[str, ErrorRenderer] | None = None) -> None:
    """Answer every error in Coda's form; paths below a prefix in `renderers` get that form instead."""
    app.state.error_renderers = dict(renderers or {})
    app.add_exception_handler(CodaError, _on_coda_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(DBAPIError, _on_database_error)


def answer_of(error: CodaError) -> ErrorAnswer:
    """A domain error as an answer; `retry_after` in its details becomes the header too."""
    headers = {}
    if error.kind is ErrorKind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in error.details:
        headers["Retry-After"] = str(error.details["retry_after"])
    return ErrorAnswer(STATUS[error.kind], error.code, error.message, error.details, headers)


def render_error(scope: Scope, answer: ErrorAnswer) -> Response:
    """The response for an error, in the form that this path's clients expect."""
    renderers: Mapping[str, ErrorRenderer] = getattr(scope["app"].state, "error_renderers", {})
    path: str = scope["path"]
    for prefix, renderer in renderers.items():
        if path.startswith(prefix):
            return renderer(answer)
    return _render(answer)


def _render(answer: ErrorAnswer) -> Response:
    body = {"error": {"code": answer.code, "message": answer.message, "details": answer.details}}
    return Response(
        orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS),
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type="application/json",
    )


async def answer_failure(request: Request, error: Exception) -> Response:
    """The answer to an error of the domain or the database; raises whatever else it is given."""
    if isinstance(error, CodaError):
        return await _on_coda_error(request, error)
    return await _on_database_error(request, error)


class ErrorBoundary:
    """The outermost handler: an error that nobody foresaw is logged and answered without its details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer what escapes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # the outermost handler
            log.exception("request_failed", method=scope["method"], route=_route(scope), error=type(error).__name__)
            if started:
                raise
            await render_error(scope, INTERNAL)(scope, receive, send)


def _route(scope: Scope) -> str:
    """The route as declared: the path itself may hold a one-time token, and must not be in a log."""
    return getattr(scope.get("route"), "path", "unmatched")


async def _on_coda_error(request: Request, error: Exception) -> Response:
    answer = answer_of(cast("CodaError", error))
    if answer.status >= _SERVER_ERROR:
        log.warning("request_refused", route=_route(request.scope), code=answer.code, cause=repr(error.__cause__))
    return render_error(request.scope, answer)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    problems = cast("RequestValidationError", error).errors()
    fields = [field_of(problem) for problem in problems[:MOST_FIELDS]]
    named = ", ".join(dict.fromkeys(entry["field"] for entry in fields if entry["field"]))
    message = f"The request is not valid: {named}." if named else "The request is not valid."
    return render_error(request.scope, ErrorAnswer(422, "core.invalid_request", message, {"fields": fields}))


def _kind_of(value: object) -> str:
    """What a value of JSON is, in words; of texts only the length is told, for they may be secrets."""
    match value:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            return printable(str(value), longest=_LONGEST_NUMBER)
        case str():
            return f"a text of {len(value):,} characters"
        case list():
            return f"a list of {len(value):,}"
    return "an object"


def field_of(problem: Mapping[str, Any]) -> dict[str, str]:
    """A problem of pydantic's as it is told: where, what, and of which kind the value is."""
    location: Sequence[Any] = problem["loc"]
    place = str(location[0]) if location else "body"
    path = ".".join(str(step) for step in location[1:]) if problem["type"] != "json_invalid" else ""
    return {
        "in": place,
        "field": printable(path),
        "problem": problem["type"],
        "message": printable(problem["msg"], longest=LONGEST_MESSAGE),
        **({} if problem["type"] in _WITHOUT_VALUE else {"got": _kind_of(problem.get("input"))}),
    }


def printable(text: str, *, longest: int = _LONGEST_NAME) -> str:
    """What a client has sent, as it may be told back: whole characters, and few."""
    return whole(text[:longest])


async def _on_http_exception(request: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    headers = dict(refusal.headers or {})
    if refusal.status_code == _NO_SUCH_METHOD:
        headers["Allow"] = ", ".join(allowed_methods(request.app, request.scope))
        if request.method == "OPTIONS":
            return Response(status_code=_NO_CONTENT, headers=headers)
    code, message = _HTTP_CODES.get(refusal.status_code, ("core.refused", str(refusal.detail)))
    return render_error(request.scope, ErrorAnswer(refusal.status_code, code, message, headers=headers))


async def _on_database_error(request: Request, error: Exception) -> Response:
    problem = cast("DBAPIError", error)
    state = getattr(problem.orig, "sqlstate", None) or ""
    if is_database_away(problem):
        unavailable = DatabaseUnavailable()
        unavailable.__cause__ = error
        return await _on_coda_error(request, unavailable)
    # asyncpg refuses some values itself, without an SQLSTATE: a date that Postgres does not know, a number too large.
    if state.startswith(_DATA_EXCEPTION) or isinstance(getattr(problem.orig, "__cause__", None), ValueError):
        message = "The request holds a value that cannot be stored."
        return render_error(request.scope, ErrorAnswer(422, "core.invalid_request", message, {"fields": []}))
    raise error
