"""Pause and resume: between a run and its log, it decides what watchers may see now."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from coda.core.clock import Stopwatch, now_ms
from coda.observability.metrics import RUN_PAUSES, STREAM_GAP, STREAM_HELD
from coda.runs.log.run_log import RunLog

BUFFER_LIMIT: Final = 256 * 1024
"""Characters that are buffered before the model is read no further."""
_EVENT_SIZE: Final = 200


class ControlState(StrEnum):
    """The state of a stream."""

    RUNNING = "running"
    PAUSED = "paused"
    RESUMING = "resuming"
    INTERRUPTING = "interrupting"
    STOPPING = "stopping"
    CLOSED = "closed"


_S = ControlState
TRANSITIONS: Final[Mapping[ControlState, frozenset[ControlState]]] = {
    _S.RUNNING: frozenset({_S.PAUSED, _S.STOPPING, _S.CLOSED}),
    _S.PAUSED: frozenset({_S.RESUMING, _S.INTERRUPTING, _S.STOPPING, _S.CLOSED}),
    _S.RESUMING: frozenset({_S.RUNNING, _S.STOPPING, _S.CLOSED}),
    _S.INTERRUPTING: frozenset({_S.RESUMING, _S.STOPPING, _S.CLOSED}),
    _S.STOPPING: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset(),
}


@dataclass(slots=True)
class StreamMetrics:
    """What one stream was like. Times in milliseconds, from the moment that this worker took the run."""

    first_delta_ms: int | None = None
    last_delta_ms: int = 0
    longest_gap_ms: int = 0
    deltas: int = 0
    pauses: int = 0
    most_buffered: int = 0

    def count(self, at_ms: int) -> None:
        """A piece of text, reasoning or arguments has come."""
        if self.first_delta_ms is None:
            self.first_delta_ms = at_ms
        else:
            self.longest_gap_ms = max(self.longest_gap_ms, at_ms - self.last_delta_ms)
        self.last_delta_ms = at_ms
        self.deltas += 1

    @property
    def deltas_per_second(self) -> float | None:
        """How fast the model spoke; None before two pieces."""
        spoken_ms = self.last_delta_ms - (self.first_delta_ms or 0)
        return (self.deltas - 1) * 1000 / spoken_ms if self.deltas > 1 and spoken_ms else None


@dataclass(slots=True)
class _BufferedDelta:
    kind: str
    part_id: str
    pieces: list[str]


class StreamControl:
    """The state machine of one run's stream.

    While it is paused, events are buffered: they are neither stored nor seen. A pause longer than `grace` makes the run
    interrupt at its next step boundary. However the run ends, `close` leaves no timer and no waiter behind.
    """

    def __init__(self, *, grace: timedelta) -> None:
        self.state = ControlState.RUNNING
        self.metrics = StreamMetrics()
        self.is_release_requested = False
        self._grace = grace.total_seconds()
        self._watch = Stopwatch()
        self._log: RunLog | None = None
        self._buffer: list[dict[str, Any] | _BufferedDelta] = []
        self._buffered_size = 0
        self._is_buffering = False
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()

    def bind(self, log: RunLog) -> None:
        """The run's log is there."""
        self._log = log

    @property
    def log(self) -> RunLog:
        """Where events go; there once the run has begun."""
        if self._log is None:
            raise AssertionError("the run has not begun")
        return self._log

    def pause(self) -> None:
        """Hold what the run says from now on; pausing what is paused changes nothing."""
        if self._enter(ControlState.PAUSED):
            self._is_buffering = True
            self.metrics.pauses += 1
            RUN_PAUSES.inc()
            self._timer = asyncio.get_running_loop().call_later(self._grace, self._grace_over)

    def resume(self) -> None:
        """Let everything through again; without a pause nothing changes."""
        if self._enter(ControlState.RESUMING):
            self._flush_buffer()
            self._enter(ControlState.RUNNING)

    def stop(self) -> None:
        """The run ends: whatever is buffered belongs to its end."""
        if self._enter(ControlState.STOPPING):
            self._flush_buffer()

    def close(self) -> None:
        """Leave nothing behind. What is still buffered was never seen, and is forgotten."""
        if self._enter(ControlState.CLOSED):
            self._buffer.clear()
            self._set_buffered_size(0)
            self._is_buffering = False
            if self.metrics.longest_gap_ms:
                STREAM_GAP.observe(self.metrics.longest_gap_ms / 1000)

    def request_release(self) -> None:
        """The process stops: another worker continues the run from its next step."""
        self.is_release_requested = True

    async def boundary(self) -> bool:
        """To be awaited between two steps: waits out a pause; True when the run is to interrupt here."""
        while self.state is ControlState.PAUSED:
            await self._changed.wait()
        return self.state is ControlState.INTERRUPTING

    def append(self, event: Mapping[str, Any]) -> None:
        """Add a whole event; it keeps the time at which it was made."""
        if not self._is_buffering:
            self.log.append(event)
            return
        self._buffer.append({"timestamp": now_ms(), **event})
        self._set_buffered_size(self._buffered_size + _EVENT_SIZE)

    def append_delta(self, kind: str, part_id: str, delta: str) -> None:
        """Add a piece of an open part."""
        self.metrics.count(self._watch.elapsed_ms())
        if not self._is_buffering:
            (self._log or self.log).append_delta(kind, part_id, delta)
            return
        last = self._buffer[-1] if self._buffer else None
        if isinstance(last, _BufferedDelta) and (last.kind, last.part_id) == (kind, part_id):
            last.pieces.append(delta)
        else:
            self._buffer.append(_BufferedDelta(kind, part_id, [delta]))
        self._set_buffered_size(self._buffered_size + len(delta))

    @property
    def has_room(self) -> bool:
        """Whether `ready` has nothing to wait for: asked for each token, and far cheaper than awaiting it."""
        return not self._is_buffering and (self._log or self.log).has_room

    async def ready(self) -> None:
        """Return once there is room for more: to be awaited before the model is read on; raises FencedOut."""
        if self._is_buffering:
            while self.state is ControlState.PAUSED and self._buffered_size >= BUFFER_LIMIT:
                await self._changed.wait()
            if self.state is ControlState.INTERRUPTING and self._buffered_size >= BUFFER_LIMIT:
                self._flush_buffer()
        await self.log.ready()

    async def drained(self) -> None:
        """Return once all that was said so far is stored and seen: waits out a pause. Raises FencedOut."""
        while self.state is ControlState.PAUSED:
            await self._changed.wait()
        self._flush_buffer()
        await self.log.drained()

    @property
    def last_seq(self) -> int:
        """The seq of the last event that went into the log."""
        return self.log.last_seq

    async def seal(self) -> list[tuple[int, str]]:
        """Take the frames that are not stored yet, for the transaction that ends the run; raises FencedOut."""
        self.stop()
        return await self.log.seal()

    def publish_stored(self, frames: Sequence[tuple[int, str]]) -> None:
        """Send frames that a committed transaction has stored."""
        self.log.publish_stored(frames)

    def _grace_over(self) -> None:
        self._timer = None
        self._enter(ControlState.INTERRUPTING)

    def _enter(self, state: ControlState) -> bool:
        """Change the state where that is allowed, and wake those who wait for a change."""
        if state not in TRANSITIONS[self.state]:
            return False
        self.state = state
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        return True

    def _flush_buffer(self) -> None:
        self._is_buffering = False
        buffered, self._buffer = self._buffer, []
        self._set_buffered_size(0)
        for item in buffered:
            if isinstance(item, _BufferedDelta):
                self.log.append_delta(item.kind, item.part_id, "".join(item.pieces))
            else:
                self.log.append(item)

    def _set_buffered_size(self, size: int) -> None:
        STREAM_HELD.inc(size - self._buffered_size)
        self._buffered_size = size
        self.metrics.most_buffered = max(self.metrics.most_buffered, size)
