"""Completions as answers to a request, streaming or whole."""

from collections.abc import AsyncIterator
from functools import partial

import orjson
from fastapi import Request, Response

from coda.gateways.answers.completion import Completion, finish_safely
from coda.gateways.openai_api.chunks import CompletionWriter
from coda.gateways.openai_api.errors import error_block
from coda.gateways.streaming.event_stream import EventStream, StreamPace, StreamSource
from coda.gateways.streaming.leaving import unless_left

_CLIENT_LEFT = 499


def stream_completion(completion: Completion, writer: CompletionWriter, pace: StreamPace) -> Response:
    """A stream. What goes wrong in its first moment is an error answer."""
    source = StreamSource(
        blocks=_blocks(completion, writer),
        error_block=error_block,
        finish=partial(finish_safely, completion),
        opening=writer.first(),
    )
    return EventStream(source, pace)


async def _blocks(completion: Completion, writer: CompletionWriter) -> AsyncIterator[bytes]:
    async for delta in completion:
        block = writer.chunk(delta)
        if block:
            yield block
    yield writer.last(completion.metered())


async def whole_completion(request: Request, completion: Completion, writer: CompletionWriter) -> Response:
    """The whole answer at once; ended early when the client leaves."""
    try:
        body = await unless_left(request.receive, _collected(completion, writer))
    finally:
        await finish_safely(completion)
    if body is None:
        return Response(status_code=_CLIENT_LEFT)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


async def _collected(completion: Completion, writer: CompletionWriter) -> bytes:
    async for delta in completion:
        writer.collect(delta)
    return orjson.dumps(writer.whole(completion.metered()))
