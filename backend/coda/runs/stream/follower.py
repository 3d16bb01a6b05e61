"""What one reader has of one run: takes frames in order, once each, and notices a gap."""

from collections.abc import Sequence
from uuid import UUID

from coda.runs.stream.frames import is_end
from coda.runs.stream.hub.frame import Frame


class FramesMissing(Exception):
    """A delivery does not join on to what the reader has: Postgres knows what lies between."""


class Follower:
    """The position of a reader in a run's stream."""

    __slots__ = ("is_over", "last_seq", "run_id")

    def __init__(self, run_id: UUID, *, last_seq: int) -> None:
        self.run_id = run_id
        self.last_seq = last_seq
        self.is_over = False

    def accept(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """The frames that are new; raises FramesMissing, having taken none, for a gap and for an empty delivery."""
        if self.is_over:
            return ()
        if not frames:
            raise FramesMissing
        if frames[0].seq != self.last_seq + 1:
            frames = [frame for frame in frames if frame.seq > self.last_seq]
            if not frames:
                return ()
        if frames[0].seq != self.last_seq + 1 or frames[-1].seq != self.last_seq + len(frames):
            raise FramesMissing
        self._advance(frames)
        return frames

    def catch_up(self, frames: Sequence[Frame]) -> Sequence[Frame]:
        """The frames that are new, of those that Postgres gave: whatever they leave out is not there."""
        fresh = [] if self.is_over else [frame for frame in frames if frame.seq > self.last_seq]
        if fresh:
            self._advance(fresh)
        return fresh

    def _advance(self, frames: Sequence[Frame]) -> None:
        last = frames[-1]
        self.last_seq = last.seq
        self.is_over = is_end(last.text)
