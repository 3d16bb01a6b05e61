"""A run's stream as server-sent events."""

import random
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.http.responses import errors
from coda.runs.connections.errors import SocketClosing, TooManyConnections
from coda.runs.connections.feed import RunFeed, open_feed
from coda.runs.connections.services import SocketServices
from coda.runs.stream.hub.frame import Frame

_LARGEST_SEQ = 2**53 - 1
_COME_BACK_WITHIN_MS = 5_000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

router = APIRouter(prefix="/api/v1", tags=["runs"])


class FeedConnection:
    """A reader of server-sent events: disconnected by the end of the stream."""

    def __init__(self, principal: Principal, feed: RunFeed) -> None:
        self.principal = principal
        self._feed = feed

    @property
    def followed_sessions(self) -> Collection[UUID]:
        """The chat session of the run."""
        return (UUID(self._feed.run["session_id"]),)

    def disconnect(self, closing: SocketClosing) -> None:  # noqa: ARG002 - SSE has no close codes
        """End the stream; the client comes back with the last id and learns why."""
        self._feed.close()

    def detach_session(self, session_id: UUID) -> None:  # noqa: ARG002 - there is only one
        """End the stream; the client that comes back is answered 404."""
        self._feed.close()

    def send_notes(self, notes: str) -> None:
        """Notes are for sockets."""


class FeedResponse(StreamingResponse):
    """Sends a feed, and closes it however the request ends."""

    def __init__(self, feed: RunFeed, registration: AbstractContextManager[None], *, keep_alive: timedelta) -> None:
        super().__init__(_blocks(feed, keep_alive), media_type="text/event-stream", headers=_HEADERS)
        self._feed, self._registration = feed, registration

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send blocks until the run ends, the client leaves, or is disconnected."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._feed.close()
            self._registration.__exit__(None, None, None)


@router.get(
    "/runs/{run_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, **errors(401, 403, 404, 422)},
)
async def stream_run(
    request: Request,
    run_id: UUID,
    principal: Annotated[Principal, require(Permission.SESSIONS_READ, apart=True)],
    after: Annotated[int | None, Query(ge=0, le=_LARGEST_SEQ)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """The run's events from behind `after`, or behind `Last-Event-ID`, to its end."""
    services: SocketServices = request.app.state.sockets
    feed = await open_feed(services.streams, principal.scope, run_id, after=_position(after, last_event_id))
    registration = services.registry.registered(FeedConnection(principal, feed))
    try:
        registration.__enter__()
    except TooManyConnections:
        feed.close()
        raise
    return FeedResponse(feed, registration, keep_alive=services.limits.keep_alive)


def _position(after: int | None, last_event_id: str | None) -> int:
    if after is not None:
        return after
    text = last_event_id or ""
    return min(int(text), _LARGEST_SEQ) if text.isascii() and text.isdigit() and len(text) <= 16 else 0


async def _blocks(feed: RunFeed, keep_alive: timedelta) -> AsyncIterator[str]:
    async for frames in feed.frames(idle=keep_alive):
        yield _block(frames)
    if not feed.is_over:  # disconnected with many others: they are to come back one after the other
        yield f"retry: {random.randrange(_COME_BACK_WITHIN_MS)}\n\n"  # noqa: S311 - jitter, not a secret


def _block(frames: Sequence[Frame]) -> str:
    return "".join(f"id: {frame.seq}\ndata: {frame.text}\n\n" for frame in frames) or ":\n\n"
