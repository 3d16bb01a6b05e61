"""Routes of the operator's page: the instance at a glance, its background jobs."""

from typing import Annotated

from fastapi import APIRouter, Path

from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.core.jobs.types import JobRecord, JobStatus
from coda.core.pagination import Page
from coda.operations import schemas
from coda.operations.dependencies import Jobs, JobsToRetry, Overviews
from coda.operations.types import Overview

router = APIRouter(prefix="/api/v1/admin", tags=["operations"])

JobId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/overview", response_model=schemas.Overview, responses=errors(401, 403))
async def read_overview(overviews: Overviews) -> Overview:
    """Jobs, runs, queue and workers of the whole instance."""
    return await overviews.read()


@router.get("/jobs", response_model=schemas.JobPage, responses=errors(401, 403, 422))
async def list_jobs(
    jobs: Jobs, status: JobStatus | None = None, cursor: PageCursor = None, limit: PageLimit = 50
) -> Page[JobRecord]:
    """Background jobs of the whole instance, newest first."""
    return await jobs.list_jobs(status=status, cursor=cursor, limit=limit)


@router.post(
    "/jobs/{job_id}/retry", status_code=202, response_model=schemas.Job, responses=errors(401, 403, 404, 409, 422)
)
async def retry_job(job_id: JobId, jobs: JobsToRetry) -> JobRecord:
    """Try a failed job again."""
    return await jobs.retry(job_id)
