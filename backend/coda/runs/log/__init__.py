"""The event log: what runs say is numbered, stored in batches, and only then published."""

from coda.runs.log.run_log import RunLog
from coda.runs.log.writer import LogWriter

__all__ = ["LogWriter", "RunLog"]
