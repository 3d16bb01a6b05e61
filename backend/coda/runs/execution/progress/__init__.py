"""How far a run is: its steps, limits, usage and times."""

from coda.runs.execution.progress.progress import Progress

__all__ = ["Progress"]
