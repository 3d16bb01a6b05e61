"""What the routes of operations are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.http.database import Db
from coda.core.jobs import JobQueue
from coda.core.jobs.repository import JobRepository
from coda.operations.readiness import ReadinessProbe
from coda.operations.service import JobService, OverviewService, QueueGauges

_InstanceReader = Annotated[Principal, require(Permission.INSTANCE_READ)]
_InstanceReaderApart = Annotated[Principal, require(Permission.INSTANCE_READ, apart=True)]
_Operator = Annotated[Principal, require(Permission.INSTANCE_OPERATE)]


def _probe(request: Request) -> ReadinessProbe:
    readiness: ReadinessProbe = request.app.state.readiness
    return readiness


def _gauges(request: Request) -> QueueGauges:
    return QueueGauges(request.app.state.database)


def _jobs(db: Db, _reader: _InstanceReader) -> JobService:
    return JobService(JobRepository(db), JobQueue(db))


def _jobs_to_retry(db: Db, _operator: _Operator) -> JobService:
    return JobService(JobRepository(db), JobQueue(db))


def _overviews(request: Request, _reader: _InstanceReaderApart) -> OverviewService:
    return OverviewService(request.app.state.database)


Jobs = Annotated[JobService, Depends(_jobs)]
JobsToRetry = Annotated[JobService, Depends(_jobs_to_retry)]
Overviews = Annotated[OverviewService, Depends(_overviews)]
Probe = Annotated[ReadinessProbe, Depends(_probe)]
Gauges = Annotated[QueueGauges, Depends(_gauges)]
