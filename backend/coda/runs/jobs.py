"""The background jobs of runs: a better title for a new chat, from its own model."""

from coda.core.db import Database
from coda.core.jobs import JobRegistry
from coda.llm.gateway import Gateway
from coda.runs.notes import RunNotes
from coda.runs.titles import TitleWriter
from coda.runs.types import TITLE_JOB


def register_jobs(jobs: JobRegistry, database: Database, gateway: Gateway, notes: RunNotes) -> None:
    """Tell the process what does the jobs of this domain."""
    jobs.add(TITLE_JOB, TitleWriter(database, gateway, notes).write)
