"""A run that this process executes, and the ways to stop it early."""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from coda.runs.execution.outcome import RunOutcome
from coda.runs.execution.output.stream_control import ControlState, StreamControl
from coda.runs.queue.commands import RunCommand
from coda.runs.queue.run_queue import Claim


class StopReason(StrEnum):
    """Why the work on a run is stopped before its end."""

    CANCELLED = "cancelled"
    """A person does not want it any more."""
    RELEASED = "released"
    """Another worker continues it."""
    FENCED = "fenced"
    """Another worker has claimed it already."""


@dataclass(slots=True)
class ActiveRun:
    """The first reason to stop counts. `has_waiting_runs`: at its end, whether other runs may wait for a worker."""

    claim: Claim
    control: StreamControl
    task: "asyncio.Task[None] | None" = None
    working: "asyncio.Task[RunOutcome] | None" = None
    stop_reason: StopReason | None = None
    has_waiting_runs: bool = True

    def apply(self, command: RunCommand | None) -> None:
        """Do what a person asked for; the same again changes nothing."""
        match command:
            case RunCommand.CANCEL:
                self.stop(StopReason.CANCELLED)
            case RunCommand.PAUSE:
                self.control.pause()
                self._release_paused()
            case RunCommand.RESUME:
                self.control.resume()

    def request_release(self) -> None:
        """Give the run to another worker at its next step."""
        self.control.request_release()
        self._release_paused()

    def _release_paused(self) -> None:
        """A paused run comes to no next step: it is released at once, and stays paused at the next worker."""
        if self.control.is_release_requested and self.control.state is ControlState.PAUSED:
            self.stop(StopReason.RELEASED)

    def stop(self, reason: StopReason) -> None:
        """Stop the work."""
        if self.stop_reason is None:
            self.stop_reason = reason
            if self.working is not None:
                self.working.cancel()
