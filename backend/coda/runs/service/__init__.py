"""Use cases of runs: start one, control one, read them."""

from coda.runs.service.allowances import Allowances, remembered
from coda.runs.service.continuation import RunContinuation
from coda.runs.service.control import CommandResult, RunControl
from coda.runs.service.reading import RunService
from coda.runs.service.start import RunStarter
from coda.runs.service.waiting import WaitingRunService

__all__ = [
    "Allowances",
    "CommandResult",
    "RunContinuation",
    "RunControl",
    "RunService",
    "RunStarter",
    "WaitingRunService",
    "remembered",
]
