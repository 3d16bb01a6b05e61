"""A response as server-sent events, or as a whole."""

from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any, Final

import orjson
from fastapi import Request, Response

from coda.core.errors import CodaError
from coda.core.http.errors import answer_of
from coda.gateways.answers.completion import finish_safely
from coda.gateways.openai_api.errors import error_body
from coda.gateways.openai_responses.output import Event
from coda.gateways.openai_responses.service import OpenResponse
from coda.gateways.streaming.event_stream import EventStream, StreamPace, StreamSource
from coda.gateways.streaming.leaving import unless_left

_CLIENT_LEFT = 499
_ENDS: Final = {"completed": "completed", "incomplete": "incomplete", "failed": "failed", "cancelled": "incomplete"}
"""The last event of a stream, by the status of its response."""


def stream_response(response: OpenResponse, pace: StreamPace) -> Response:
    """The events, from the first on as they come."""
    source = StreamSource(
        blocks=_blocks(response),
        error_block=partial(_error_block, response),
        finish=partial(finish_safely, response.completion),
        opening=_rendered(response, response.writer.opening()),
    )
    return EventStream(source, pace)


async def whole_response(request: Request, response: OpenResponse) -> Response:
    """The response at its end; ended early when the client leaves."""
    try:
        body = await unless_left(request.receive, _collect(response))
    finally:
        await finish_safely(response.completion)
    if body is None:
        return Response(status_code=_CLIENT_LEFT)
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"})


async def begun_response(response: OpenResponse) -> Response:
    """One that is made in the background: it is queued, and stored as such."""
    await finish_safely(response.completion)
    body = response.writer.body("queued", None)
    return Response(orjson.dumps(body), media_type="application/json", headers={"Cache-Control": "no-store"})


async def _blocks(response: OpenResponse) -> AsyncIterator[bytes]:
    writer = response.writer
    async for delta in response.completion:
        block = _rendered(response, writer.read(delta))
        if block:
            yield block
    yield _rendered(response, writer.close())
    body = response.told or writer.whole(response.completion.metered())
    await response.store(body)
    yield _rendered(response, [{"type": f"response.{_ENDS.get(body['status'], 'completed')}", "response": body}])


async def _collect(response: OpenResponse) -> dict[str, Any]:
    writer = response.writer
    async for delta in response.completion:
        writer.read(delta)
    body = writer.whole(response.completion.metered())
    await response.store(body)
    return body


def _error_block(response: OpenResponse, error: CodaError) -> bytes:
    """The official clients raise the first event; whoever reads on sees that the response has failed."""
    body = error_body(answer_of(error))
    writer = response.writer
    flat = {name: body[name] for name in ("code", "message", "param")}
    failed = writer.failed(body, response.completion.metered())
    events = [
        *writer.close(),
        {"type": "error", **flat, "error": body},
        {"type": "response.failed", "response": failed},
    ]
    return _rendered(response, events)


def _rendered(response: OpenResponse, events: Iterable[Event]) -> bytes:
    """Those that the client lacks; the end is told in any case."""
    numbered = map(response.writer.numbered, events)
    return b"".join(_line(event) for event in numbered if _is_lacking(event, response.after))


def _is_lacking(event: Event, after: int) -> bool:
    return event["sequence_number"] > after or event["type"].removeprefix("response.") in _ENDS.values()


def _line(event: Mapping[str, Any]) -> bytes:
    return b"event: " + str(event["type"]).encode() + b"\ndata: " + orjson.dumps(event, default=str) + b"\n\n"
