"""Runs whose frames a socket has missed: read from Postgres beside the sending, which waits for nothing."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from coda.core.scope import Scope
from coda.runs.stream.attach import RunStreams
from coda.runs.stream.follower import Follower, FramesMissing
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import MAILBOX_LIMIT

_MISSED: Sequence[Frame] = ()


@dataclass(slots=True)
class _Lag:
    """What a run says while what it said before is being read."""

    arrived: list[Sequence[Frame]] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None

    def keep(self, frames: Sequence[Frame]) -> None:
        if len(self.arrived) >= MAILBOX_LIMIT:  # all of it is in Postgres: read once more instead
            self.arrived = [_MISSED]
        self.arrived.append(frames)


class CatchingUp:
    """Gives each run's missed frames to `pass_on`, in order, and then what came meanwhile."""

    def __init__(
        self, streams: RunStreams, *, pass_on: Callable[[Follower, Sequence[Frame]], None], fail: Callable[[], None]
    ) -> None:
        self._streams, self._pass_on, self._fail = streams, pass_on, fail
        self._lags: dict[UUID, _Lag] = {}
        self.failure: BaseException | None = None

    def begin(self, scope: Scope, follower: Follower) -> None:
        """Read what the follower lacks."""
        lag = self._lags[follower.run_id] = _Lag()
        lag.task = asyncio.create_task(self._read(scope, follower, lag), name=f"catching-up-{follower.run_id}")
        lag.task.add_done_callback(self._note_failure)

    def keeps(self, run_id: UUID, frames: Sequence[Frame]) -> bool:
        """Keep frames of a run that is behind; False for a run that is not."""
        lag = self._lags.get(run_id)
        if lag is not None:
            lag.keep(frames)
        return lag is not None

    def stop(self, run_id: UUID) -> None:
        """This run is followed no more."""
        lag = self._lags.pop(run_id, None)
        if lag is not None and lag.task is not None:
            lag.task.cancel()

    async def _read(self, scope: Scope, follower: Follower, lag: _Lag) -> None:
        is_behind = True
        while is_behind:
            self._pass_on(follower, await self._streams.catch_up(scope, follower))
            arrived, lag.arrived = lag.arrived, []
            try:
                for frames in arrived:
                    self._pass_on(follower, follower.accept(frames))
                is_behind = False
            except FramesMissing:
                continue
        self._lags.pop(follower.run_id, None)

    def _note_failure(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
            self._fail()
