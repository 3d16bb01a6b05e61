"""What is put around every background job: a span in the trace of its cause, and its figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from opentelemetry import propagate, trace
from opentelemetry.trace import Status, StatusCode

from coda.core.jobs import Job
from coda.observability.metrics import JOB_SECONDS, JOB_TRIES, job_label

_tracer = trace.get_tracer("coda.jobs")


@contextmanager
def observed_job(job: Job) -> Iterator[None]:
    """Trace and measure one try."""
    name, started = job_label(job.name), perf_counter()
    attributes = {"coda.job_id": job.id, "coda.job_tries": job.tries}
    cause = propagate.extract(dict(job.trace))
    outcome = "failed"
    with _tracer.start_as_current_span(
        f"job {job.name}", context=cause, attributes=attributes, record_exception=False
    ) as span:
        try:
            yield
            outcome = "done"
        finally:
            if outcome == "failed":
                span.set_status(Status(StatusCode.ERROR))
            JOB_TRIES.labels(name, outcome).inc()
            JOB_SECONDS.labels(name).observe(perf_counter() - started)
