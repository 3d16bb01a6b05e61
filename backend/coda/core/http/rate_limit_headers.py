"""Tells clients what is left of their quotas: the IETF's RateLimit fields, and OpenAI's under /v1."""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coda.core.http.errors import answer_of, render_error
from coda.core.networks import home_network, is_loopback
from coda.core.request_limits import WINDOW, MemoryRequestLimits, Quota, QuotaState, RateLimited, Verdict

VERDICT: Final = "coda.rate_limits"
"""Where in a request's scope the verdict on it is."""

_FOR_PROGRAMS: Final = ("/api/", "/v1/")
_OPENAI: Final = "/v1/"
_COUNTED: Final = frozenset({"http", "websocket"})
_TOO_MANY: Final = 4429
"""The close code of sockets for what is too much."""


class RateLimitHeaders:
    """Adds the fields to whatever is answered, and counts requests by address before anybody is asked for.

    Requests to all paths count, and sockets that are opened: no route can be without this limit. An address is counted
    here in this process alone: who is not signed in costs no round trip. 0 requests: no limit.
    """

    def __init__(self, app: ASGIApp, *, requests_per_address: int) -> None:
        self._app, self._requests = app, requests_per_address
        self._limits = MemoryRequestLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, unless its address has asked too often."""
        verdict = self._count(scope)
        refused_by = None if verdict is None else verdict.refused_by
        if scope["type"] == "websocket" and refused_by is not None:
            await _refuse_socket(receive, send)
            return
        is_told = scope["type"] == "http" and scope["path"].startswith(_FOR_PROGRAMS)
        complete = _completing(scope, send) if is_told else send  # a socket sends thousands of messages
        if verdict is not None and refused_by is not None:
            scope[VERDICT] = verdict
            answer = answer_of(RateLimited(refused_by, retry_after=verdict.wait))
            await render_error(scope, answer)(scope, receive, complete)
            return
        await self._app(scope, receive, complete)

    def _count(self, scope: Scope) -> Verdict | None:
        client = scope.get("client")
        if scope["type"] not in _COUNTED or not self._requests or client is None or is_loopback(client[0]):
            return None
        return self._limits.take_now([Quota("address", "requests", home_network(client[0]), self._requests, 1)])


def _completing(scope: Scope, send: Send) -> Send:
    async def complete(message: Message) -> None:
        verdict: Verdict | None = scope.get(VERDICT)
        if message["type"] == "http.response.start" and verdict is not None and verdict.states:
            _describe(MutableHeaders(scope=message), verdict.states, scope["path"].startswith(_OPENAI))
        await send(message)

    return complete


async def _refuse_socket(receive: Receive, send: Send) -> None:
    """A browser sees a close code only of a socket that was accepted."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": _TOO_MANY, "reason": "Too many at once. Wait a minute."})


def _describe(headers: MutableHeaders, states: Sequence[QuotaState], is_openai: bool) -> None:
    named = [(f'"{state.quota.name}-{state.quota.unit}"', state) for state in states]
    headers["RateLimit-Policy"] = ", ".join(f"{name};q={state.quota.limit};w={WINDOW}" for name, state in named)
    headers["RateLimit"] = ", ".join(f"{name};r={state.remaining};t={state.reset}" for name, state in named)
    if not is_openai:
        return
    for unit in ("requests", "tokens"):
        tightest = min((state for state in states if state.quota.unit == unit), key=_left, default=None)
        if tightest is not None:
            headers[f"x-ratelimit-limit-{unit}"] = str(tightest.quota.limit)
            headers[f"x-ratelimit-remaining-{unit}"] = str(tightest.remaining)
            headers[f"x-ratelimit-reset-{unit}"] = _duration(tightest.reset)


def _left(state: QuotaState) -> float:
    return state.remaining / state.quota.limit


def _duration(seconds: int) -> str:
    """As OpenAI writes it: `45s`, `1m1s`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
