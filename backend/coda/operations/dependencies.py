"""What the routes of operations are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.operations.readiness import ReadinessProbe
from coda.operations.service import QueueGauges


def _probe(request: Request) -> ReadinessProbe:
    state = request.app.state
    return ReadinessProbe(state.database, is_hub_well=state.hub.is_well)


def _gauges(request: Request) -> QueueGauges:
    return QueueGauges(request.app.state.database)


Probe = Annotated[ReadinessProbe, Depends(_probe)]
Gauges = Annotated[QueueGauges, Depends(_gauges)]
