"""One run's stream as an iterator, for readers at their own pace: SSE and the OpenAI-compatible API."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from coda.core.scope import Scope
from coda.runs.stream.attach import Attachment, RunStreams
from coda.runs.stream.follower import FramesMissing
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox


class RunFeed:
    """Gives frames as they come, in order, to the run's end. A reader who falls behind is served from Postgres."""

    def __init__(self, streams: RunStreams, scope: Scope, attachment: Attachment, mailbox: Mailbox) -> None:
        self._streams, self._scope, self._attachment, self._mailbox = streams, scope, attachment, mailbox
        self._is_stopped = False

    @property
    def run(self) -> dict[str, Any]:
        """The run as the API shows it, as it was when the feed was opened."""
        return self._attachment.run

    @property
    def opening(self) -> Sequence[Frame]:
        """The frames that were there when the feed was opened."""
        return self._attachment.frames

    @property
    def is_over(self) -> bool:
        """Whether the run's end has been read."""
        return self._attachment.follower.is_over

    async def frames(self, *, idle: timedelta | None = None) -> AsyncIterator[Sequence[Frame]]:
        """The frames as they come, several at a time; none at all each time that nothing came for `idle`."""
        if self._attachment.frames:
            yield self._attachment.frames
        while not self._attachment.follower.is_over and not self._is_stopped:
            try:
                deliveries = await asyncio.wait_for(self._deliveries(), idle.total_seconds() if idle else None)
            except TimeoutError:
                yield ()
                continue
            for frames in deliveries:
                fresh = await self._accept(frames)
                if fresh:
                    yield fresh

    async def _deliveries(self) -> list[Sequence[Frame]]:
        deliveries = [frames for _, frames in await self._mailbox.take()]
        if self._mailbox.has_overflowed:
            self._mailbox.reopen()
            return [()]
        return deliveries

    async def _accept(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        follower = self._attachment.follower
        try:
            return follower.accept(frames)
        except FramesMissing:
            return await self._streams.catch_up(self._scope, follower)

    def close(self) -> None:
        """Get nothing more: `frames` ends."""
        self._is_stopped = True
        self._attachment.close()
        self._mailbox.wake()


async def open_feed(streams: RunStreams, scope: Scope, run_id: UUID, *, after: int = 0) -> RunFeed:
    """Follow a run from behind `after`; the caller closes the feed. Raises RunNotFound."""
    mailbox = Mailbox()
    return RunFeed(streams, scope, await streams.attach(scope, run_id, after=after, mailbox=mailbox), mailbox)
