"""One span and one log line for each HTTP request."""

from time import perf_counter
from typing import Final

import structlog
from opentelemetry import context, propagate, trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coda.core.patterns import Pattern

log = structlog.get_logger("coda.http")
_tracer = trace.get_tracer("coda.http")

_LOGGED: Final = ("/api/", "/v1/")
_SERVER_ERROR: Final = 500
_TRACEPARENT: Final = Pattern(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class RequestTracing:
    """Opens the request's span, names it after the route, and puts its trace id on the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on inside its span; sockets pass untouched, for a span per connection tells nothing."""
        if scope["type"] != "http" or not scope["path"].startswith(_LOGGED):
            await self._app(scope, receive, send)
            return
        started, status = perf_counter(), _SERVER_ERROR
        span = _tracer.start_span(
            scope["method"], context=_caller(scope), kind=SpanKind.SERVER,
            attributes={"http.request.method": scope["method"], "url.path": scope["path"]},
        )  # fmt: skip
        trace_id = format(span.get_span_context().trace_id, "032x")

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).setdefault("X-Trace-Id", trace_id)
            await send(message)

        token = context.attach(trace.set_span_in_context(span))
        try:
            await self._app(scope, receive, watch)
        finally:
            route = getattr(scope.get("route"), "path", "unmatched")
            span.update_name(f"{scope['method']} {route}")
            span.set_attribute("http.route", route)
            span.set_attribute("http.response.status_code", status)
            if status >= _SERVER_ERROR:
                span.set_status(Status(StatusCode.ERROR))
            span.end()
            _write(scope["method"], route, status, perf_counter() - started)
            context.detach(token)


def _caller(scope: Scope) -> context.Context:
    """The trace that the caller works in, if it says so."""
    parent = Headers(scope=scope).get("traceparent", "")
    return propagate.extract({"traceparent": parent}) if _TRACEPARENT.fullmatch(parent) else context.Context()


def _write(method: str, route: str, status: int, seconds: float) -> None:
    write = log.warning if status >= _SERVER_ERROR else log.info
    write("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
