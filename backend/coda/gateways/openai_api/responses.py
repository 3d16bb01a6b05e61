"""Sends completions, streaming or whole, and finishes them however the request ends."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import orjson
import structlog
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from coda.core.errors import CodaError
from coda.core.http.errors import answer_of
from coda.gateways.openai_api.chunks import CompletionWriter
from coda.gateways.openai_api.completion import Completion
from coda.gateways.openai_api.errors import error_body
from coda.llm.types import ChatDelta

_log = structlog.get_logger("coda.openai_api")
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_finishing: set[asyncio.Task[None]] = set()


async def stream_completion(completion: Completion, writer: CompletionWriter) -> Response:
    """A stream, begun once the first delta is there: an error before it is an error answer."""
    deltas = aiter(completion)
    async with AsyncExitStack() as undo:
        undo.push_async_callback(finish_safely, completion)
        first = await anext(deltas, None)
        undo.pop_all()
    return CompletionStream(completion, _blocks(completion, deltas, first, writer))


class CompletionStream(StreamingResponse):
    """Finishes the completion when it was sent, and when the client is gone."""

    def __init__(self, completion: Completion, blocks: AsyncIterator[bytes]) -> None:
        super().__init__(blocks, media_type="text/event-stream", headers=_HEADERS)
        self._completion = completion

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end or until the client leaves."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await finish_safely(self._completion)


async def _blocks(
    completion: Completion, deltas: AsyncIterator[ChatDelta], first: ChatDelta | None, writer: CompletionWriter
) -> AsyncIterator[bytes]:
    yield writer.first()
    try:
        if first is not None:
            yield writer.chunk(first)
        async for delta in deltas:
            block = writer.chunk(delta)
            if block:
                yield block
    except CodaError as error:
        answer = answer_of(error)
        body = {"error": error_body(answer.status, answer.code, answer.message, answer.details)}
        yield b"data: " + orjson.dumps(body, default=str) + b"\n\n"
        return
    yield writer.last(completion.metered())


async def whole_completion(request: Request, completion: Completion, writer: CompletionWriter) -> Response:
    """The whole answer at once; ended early when the client leaves."""
    collecting = asyncio.create_task(_collect(completion, writer))
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait({collecting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not collecting.done():
            return Response(status_code=499)
        await collecting
    finally:
        await _end(collecting)
        await _end(leaving)
        await finish_safely(completion)
    return Response(orjson.dumps(writer.whole(completion.metered())), media_type="application/json", headers=_HEADERS)


async def _collect(completion: Completion, writer: CompletionWriter) -> None:
    async for delta in completion:
        writer.collect(delta)


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})


async def finish_safely(completion: Completion) -> None:
    """Finish in a task of its own: it goes on when this request is cancelled."""
    task = asyncio.create_task(_finish(completion.finish()))
    _finishing.add(task)
    task.add_done_callback(_finishing.discard)
    await asyncio.shield(task)


async def _finish(finishing: Coroutine[Any, Any, None]) -> None:
    try:
        await finishing
    except CodaError as error:
        _log.warning("completion not finished", code=error.code)
