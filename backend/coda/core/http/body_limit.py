"""How large a request's body may be, how long it may take, and what JSON in it may hold."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coda.core.errors import CodaError
from coda.core.http.errors import ErrorAnswer, answer_of, render_error
from coda.core.json_limits import InvalidText, JsonLimits, check_json
from coda.core.settings import Settings

DEFAULT_MAX_BODY: Final = 8 * 1024 * 1024
_SIGN_IN_MAX_BODY: Final = 16 * 1024
_FORM_MARGIN: Final = 64 * 1024
"""What a form holds besides its file. A file of a byte too many comes so far that it is refused by what it is."""
_TOO_LARGE: Final = 413
_TIMEOUT: Final = 408


@dataclass(frozen=True, slots=True)
class BodyRule:
    """The bounds of bodies below a path. `max_stream`: of those that are no JSON, where they may be larger."""

    prefix: str
    max_bytes: int = DEFAULT_MAX_BODY
    json: JsonLimits = field(default_factory=JsonLimits)
    max_stream: int | None = None

    def limit(self, *, is_json: bool) -> int:
        """The most bytes of a body."""
        return self.max_bytes if is_json or self.max_stream is None else self.max_stream


def rules_of(settings: Settings) -> tuple[BodyRule, ...]:
    """The first that fits counts. Routes that anybody may call take little; files are never held whole."""
    return (
        BodyRule("/api/v1/auth/", _SIGN_IN_MAX_BODY),
        BodyRule("/api/v1/files", max_stream=settings.files.max_bytes + _FORM_MARGIN),
        BodyRule(""),
    )


@dataclass(frozen=True, slots=True)
class BodyPace:
    """A body may take `grace` seconds, and a second more for each `least_rate` bytes that have come."""

    grace: float = 20.0
    least_rate: int = 16 * 1024


class BodyLimit:
    """Refuses bodies that are too large or slow, JSON that costs too much or cannot be stored, and NUL in queries.

    JSON is read whole and looked through before it is passed on; other bodies are counted as they pass.
    """

    def __init__(self, app: ASGIApp, *, rules: tuple[BodyRule, ...], pace: BodyPace | None = None) -> None:
        self._app = app
        self._rules = rules
        self._pace = pace or BodyPace()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that is within bounds."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if b"%00" in scope["query_string"]:
            await _refuse(scope, receive, send, answer_of(InvalidText()))
            return
        headers = Headers(scope=scope)
        rule, is_json = next(rule for rule in self._rules if scope["path"].startswith(rule.prefix)), _is_json(headers)
        limit = rule.limit(is_json=is_json)
        announced = headers.get("content-length", "0")
        if announced.isdecimal() and int(announced[:20]) > limit:
            await _refuse(scope, receive, send, _too_large(limit))
            return
        body = _Body(receive, limit, self._pace)
        if not is_json:
            await self._app(scope, body.pass_on, send)
            return
        try:
            content = await body.read()
            check_json(content, rule.json)
        except HTTPException as refusal:
            answer = _too_large(limit) if refusal.status_code == _TOO_LARGE else _too_slow()
            await _refuse(scope, receive, send, answer)
        except CodaError as error:
            await _refuse(scope, receive, send, answer_of(error))
        else:
            await self._app(scope, _replay(content, receive, is_whole=body.is_whole), send)


class _Body:
    """Counts what comes, and gives up on who sends too much or too slowly. What fails is an HTTPException.

    That is the only error that FastAPI lets through while it reads a body.
    """

    def __init__(self, receive: Receive, max_bytes: int, pace: BodyPace) -> None:
        self._receive, self._max_bytes, self._pace = receive, max_bytes, pace
        self._began = asyncio.get_running_loop().time()
        self._seen = 0
        self.is_whole = False

    async def read(self) -> bytes:
        """The whole body; shorter where the client has left."""
        chunks: list[bytes] = []
        while not self.is_whole:
            message = await self.pass_on()
            if message["type"] != "http.request":
                break
            chunks.append(message.get("body", b""))
        return b"".join(chunks)

    async def pass_on(self) -> Message:
        """The next message; after the body's end without a limit of time."""
        if self.is_whole:
            return await self._receive()
        deadline = self._began + self._pace.grace + self._seen / self._pace.least_rate
        try:
            async with asyncio.timeout_at(deadline):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(_TIMEOUT, headers={"Connection": "close"}) from None
        self._seen += len(message.get("body", b""))
        if self._seen > self._max_bytes:
            raise HTTPException(_TOO_LARGE)
        self.is_whole = message["type"] == "http.request" and not message.get("more_body", False)
        return message


def _replay(content: bytes, receive: Receive, *, is_whole: bool) -> Receive:
    """Give the body at once, then whatever comes."""
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": not is_whole}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _is_json(headers: Headers) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.endswith("+json")


def _too_large(limit: int) -> ErrorAnswer:
    return ErrorAnswer(_TOO_LARGE, "core.too_large", f"The request is larger than {limit:,} bytes.", {"limit": limit})


def _too_slow() -> ErrorAnswer:
    message = "The request did not arrive in time. Send it again."
    return ErrorAnswer(_TIMEOUT, "core.request_timeout", message, headers={"Connection": "close"})


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: ErrorAnswer) -> None:
    await render_error(scope, answer)(scope, receive, send)
