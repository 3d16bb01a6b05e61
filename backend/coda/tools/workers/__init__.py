"""Worker processes for heavy tools: a small pool of children with limits, which can be killed."""

from coda.tools.workers.pool import WorkerLimits, WorkerPool

__all__ = ["WorkerLimits", "WorkerPool"]
