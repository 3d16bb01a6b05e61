"""Coda's own metrics. Labels are bounded: names come from configuration and code, never from what people type.

RUNS.labels(status="finished").inc()
FIRST_TOKEN.observe(seconds)
"""

from collections.abc import Iterable
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_MOST_NAMES: Final = 100
_OTHER: Final = "other"
_CONNECTED: Final = "connected"

RUNS = Counter("coda_runs", "Runs that ended, by how they ended.", ["status"])
RUN_SECONDS = Histogram("coda_run_duration_seconds", "From the question to the end of its answer.", buckets=_SECONDS)
FIRST_TOKEN = Histogram("coda_run_first_token_seconds", "From the question to its first token.", buckets=_SECONDS)
QUEUE_WAIT = Histogram("coda_run_queue_wait_seconds", "From the question to a worker's claim.", buckets=_SECONDS)
QUEUE_RUNS = Gauge("coda_queue_runs", "Runs in the queue now.", ["state"])
QUEUE_AGE = Gauge("coda_queue_oldest_seconds", "How long the oldest unclaimed run has waited.")

MODEL_CALLS = Counter("coda_model_calls", "Calls to model providers, by outcome.", ["provider", "model", "outcome"])
MODEL_FIRST_CHUNK = Histogram(
    "coda_model_first_chunk_seconds", "From a model call to its first chunk.", ["provider"], buckets=_SECONDS
)
TOKENS = Counter("coda_tokens", "Tokens booked, by kind.", ["provider", "model", "kind"])
COST = Counter("coda_cost_usd", "Known cost booked, in USD.", ["provider", "model"])
TOOL_CALLS = Counter("coda_tool_calls", "Tool calls, by outcome.", ["tool", "outcome"])
TOOL_SECONDS = Histogram("coda_tool_duration_seconds", "Duration of tool calls.", ["tool"], buckets=_SECONDS)

CACHED = Counter("coda_cache_answers", "Results asked for, by where they came from.", ["namespace", "outcome"])

RUN_PAUSES = Counter("coda_run_pauses", "Times that a working run was paused.")
STREAM_HELD = Gauge("coda_stream_held_characters", "Characters of paused runs that are held back now.")
STREAM_GAP = Histogram("coda_stream_gap_seconds", "The longest silence within a run's stream.", buckets=_SECONDS)

JOB_TRIES = Counter("coda_jobs_worked", "Tries of background jobs, by outcome.", ["job", "outcome"])
JOB_SECONDS = Histogram("coda_job_duration_seconds", "Duration of a background job's try.", ["job"], buckets=_SECONDS)
JOBS = Gauge("coda_jobs", "Background jobs that are not done, by state.", ["job", "status"])
JOB_AGE = Gauge("coda_jobs_oldest_seconds", "How long the oldest due background job has waited.", ["job"])

LOOP_BLOCKED = Counter("coda_event_loop_blocked", "Times that something kept the event loop for over 200 ms.")
LOOP_BLOCKED_SECONDS = Histogram(
    "coda_event_loop_blocked_seconds", "Processor time for which the event loop was kept.", buckets=_SECONDS
)

SOCKETS = Gauge("coda_sockets", "Open WebSockets.")
SLOW_READERS = Counter("coda_slow_readers", "Sockets closed because they read too slowly.")


def count_cache_answer(namespace: str, outcome: str) -> None:
    """Count one result that was asked for."""
    CACHED.labels(namespace, outcome).inc()


class BoundedNames:
    """Keeps a label's values few: names beyond the first hundred are counted as `other`."""

    def __init__(self, most: int = _MOST_NAMES) -> None:
        self._most = most
        self._seen: set[str] = set()

    def __call__(self, name: str) -> str:
        """The name itself, or `other`."""
        if name in self._seen:
            return name
        if len(self._seen) >= self._most:
            return _OTHER
        self._seen.add(name)
        return name


class ModelNames:
    """Labels of a model call. Only the environment's providers are named; all that were connected count together."""

    def __init__(self) -> None:
        self._environment: frozenset[str] = frozenset()
        self._models = BoundedNames()

    def come_from_environment(self, providers: Iterable[str]) -> None:
        """These providers were configured by whoever runs the instance."""
        self._environment |= frozenset(providers)

    def __call__(self, provider: str, model: str | None) -> tuple[str, str]:
        """The names of a provider and a model, or words for all that are somebody's. None: a model without a name."""
        if provider not in self._environment:
            return _CONNECTED, _OTHER
        return provider, _OTHER if model is None else self._models(model)


model_labels = ModelNames()
tool_label = BoundedNames()
job_label = BoundedNames()
