"""The event log of one run while it is executed: numbers events, merges deltas, waits for the store."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from coda.core.clock import now_ms
from coda.runs.errors import FencedOut
from coda.runs.stream.frames import FrameRenderer, delta_head
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.port import Hub
from coda.runs.types import RunKey

BACKLOG_LIMIT = 64 * 1024
"""Characters of one run that may wait for the database before the model is read no further."""


@dataclass(frozen=True, slots=True)
class LogKey:
    """Whose log it is, and under which claim it writes."""

    run: RunKey
    fence: int

    @property
    def run_id(self) -> UUID:
        """The run's id."""
        return self.run.run_id


class Flusher(Protocol):
    """What a log asks of its writer."""

    hub: Hub

    def schedule(self, log: "RunLog") -> None:
        """Store what this log holds within the flush interval."""
        ...

    def flush_soon(self, log: "RunLog") -> None:
        """Store what this log holds as soon as the interval since the last flush is over."""
        ...

    def flush_now(self, log: "RunLog") -> None:
        """Store what this log holds now."""
        ...

    def forget(self, log: "RunLog") -> None:
        """Leave this log alone from now on."""
        ...

    async def progress(self) -> None:
        """Return after the next flush."""
        ...


class RunLog:
    """Takes events from the run's executor; the writer stores and publishes them in order.

    `fenced` is set once another worker has taken the run over: nothing more of it is stored.
    """

    def __init__(self, writer: Flusher, renderer: FrameRenderer, *, key: LogKey, first_seq: int) -> None:
        self.key = key
        self.org_text, self.run_text = map(str, key.run)
        self.fence_text = str(key.fence)
        self.fenced = asyncio.Event()
        self._writer = writer
        self._renderer = renderer
        self._next_seq = first_seq
        self._stored_seq = first_seq - 1
        self._frames: list[Frame] = []
        self._head = ""
        self._deltas: list[str] = []
        self._delta_at = 0
        self._size = 0
        self._size_under_way = 0
        self._has_spoken = False

    @property
    def last_seq(self) -> int:
        """The seq of the last event that was appended, merged deltas counted as one."""
        return self._next_seq - 1 + bool(self._deltas)

    def append(self, event: Mapping[str, Any]) -> None:
        """Add a whole event. It is stored and sent within the flush interval."""
        if self.fenced.is_set():
            return
        self._close_delta()
        text = self._renderer.event(event, seq=self._next_seq)
        self._add(text)
        self._size += len(text)
        self._writer.schedule(self)

    def append_delta(self, kind: str, part_id: str, delta: str) -> None:
        """Add a piece of an open part; pieces that follow each other merge until the next flush.

        The first piece of the run is stored and sent at once.
        """
        if not delta or self.fenced.is_set():
            return
        head = delta_head(kind, part_id)
        if head != self._head:
            self._close_delta()
            self._head = head
        is_first = not self._deltas
        self._deltas.append(delta)
        self._size += len(delta)
        if is_first:  # whatever is added to it goes out with it
            self._delta_at = now_ms()
            if self._has_spoken:
                self._writer.flush_soon(self)
            else:
                self._has_spoken = True
                self._writer.flush_now(self)

    async def drained(self) -> None:
        """Return once all that was appended so far is stored and published; raises FencedOut."""
        self._close_delta()
        wanted = self._next_seq - 1
        self._writer.flush_now(self)
        while self._stored_seq < wanted:
            await self._turn()

    @property
    def has_room(self) -> bool:
        """Whether more may be added without waiting."""
        return self._size + self._size_under_way < BACKLOG_LIMIT

    async def ready(self) -> None:
        """Return once there is room for more: to be awaited before the model is read on; raises FencedOut."""
        while not self.has_room:
            await self._turn()

    async def seal(self) -> list[tuple[int, str]]:
        """Take the frames that are not yet stored out of the writer's hands, for the transaction that ends the run.

        What is under way is stored first. Raises FencedOut.
        """
        self._writer.forget(self)  # before anything is awaited, or the writer would take the end with its next flush
        while self._size_under_way:
            await self._turn()
        if self.fenced.is_set():
            raise FencedOut(self.key.run_id)
        return [(frame.seq, frame.text) for frame in self.take()]

    def publish_stored(self, frames: Sequence[tuple[int, str]]) -> None:
        """Send frames that a committed transaction has stored."""
        if frames:
            self._writer.hub.publish(self.key.run, [Frame(seq, self.key.fence, text) for seq, text in frames])
            self.stored(frames[-1][0])

    def close(self) -> None:
        """The run is over, or another worker continues it: forget what is left of it here."""
        self._writer.forget(self)
        self._writer.hub.ended(self.key.run)

    def take(self) -> list[Frame]:
        """For the writer: all frames that wait, the open delta among them."""
        self._close_delta()
        frames, self._frames = self._frames, []
        self._size, self._size_under_way = 0, self._size
        return frames

    def stored(self, seq: int) -> None:
        """For the writer: everything up to `seq` is stored."""
        self._stored_seq = seq
        self._size_under_way = 0

    def fence_out(self) -> None:
        """For the writer: the store refused this run's frames."""
        self.fenced.set()
        self._frames.clear()
        self._deltas.clear()
        self._size = self._size_under_way = 0

    async def _turn(self) -> None:
        if not self.fenced.is_set():
            await self._writer.progress()
        if self.fenced.is_set():
            raise FencedOut(self.key.run_id)

    def _close_delta(self) -> None:
        if self._deltas:
            delta = self._deltas[0] if len(self._deltas) == 1 else "".join(self._deltas)
            self._deltas.clear()
            self._add(self._renderer.delta(self._head, delta, at_ms=self._delta_at, seq=self._next_seq))

    def _add(self, text: str) -> None:
        self._frames.append(Frame(self._next_seq, self.key.fence, text))
        self._next_seq += 1
