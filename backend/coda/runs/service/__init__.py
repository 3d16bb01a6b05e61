"""Use cases of runs: start one, control one, read them."""

from coda.runs.service.continuation import RunContinuation
from coda.runs.service.control import CommandResult, RunControl
from coda.runs.service.reading import RunService
from coda.runs.service.start import RunStarter
from coda.runs.service.waiting import WaitingRunService

__all__ = ["CommandResult", "RunContinuation", "RunControl", "RunService", "RunStarter", "WaitingRunService"]
