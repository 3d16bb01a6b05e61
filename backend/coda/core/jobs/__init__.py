"""Background jobs: enqueued in the transaction of their cause, worked at least once, retried, visible to the operator.

PgQueuer does the queueing; only `pgq` and `runner` know it.
"""

from coda.core.jobs.queue import JobQueue
from coda.core.jobs.registry import JobRegistry
from coda.core.jobs.runner import JobRunner
from coda.core.jobs.types import Job

__all__ = ["Job", "JobQueue", "JobRegistry", "JobRunner"]
