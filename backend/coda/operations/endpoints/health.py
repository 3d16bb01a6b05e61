"""Health, readiness, metrics and the interface's documentation, for whoever runs the instance."""

import hmac

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

import coda
from coda.core.http.origin import is_plausible_host
from coda.core.http.responses import errors
from coda.core.http.visitor import client_address
from coda.core.networks import is_loopback
from coda.core.settings import Settings
from coda.operations.api_docs import STYLE, render_page
from coda.operations.dependencies import Gauges, Probe
from coda.operations.errors import MetricsForbidden, MetricsTokenWrong
from coda.operations.schemas import Liveness, PartReadiness, Readiness

probes = APIRouter(tags=["operations"])
router = APIRouter(tags=["operations"])


@probes.get("/healthz", operation_id="read_health")
async def read_health() -> Liveness:
    """Tell that the process lives; asks nothing else."""
    return Liveness()


@probes.get(
    "/readyz",
    operation_id="read_readiness",
    responses={503: {"model": Readiness, "description": "Not ready, or draining."}},
)
async def read_readiness(response: Response, probe: Probe) -> Readiness:
    """Tell whether new work may be sent here: the database answers, and the process is not about to end.

    What else is missing (the hub, a worker) is named, and the status is `degraded`.
    """
    report = await probe.ask()
    response.status_code = 200 if report.is_ready else 503
    return Readiness(
        status=report.status,
        version=coda.__version__,
        checks={name: PartReadiness(ok=not problem, detail=problem) for name, problem in report.problems.items()},
    )


def _allow_metrics(request: Request) -> None:
    settings: Settings = request.app.state.settings
    if settings.metrics_token is not None:
        expected = f"Bearer {settings.metrics_token.get_secret_value()}"
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected.encode()):
            raise MetricsTokenWrong
    elif not _is_from_here(request):
        raise MetricsForbidden


def _is_from_here(request: Request) -> bool:
    """Whether the peer is this machine, and not a proxy or a page on it that speaks for somebody else."""
    is_forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    return not is_forwarded and is_plausible_host(request) and is_loopback(client_address(request))


@probes.get(
    "/metrics",
    operation_id="read_metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **errors(401, 403)},
    dependencies=[Depends(_allow_metrics)],
)
async def read_metrics(gauges: Gauges) -> Response:
    """Prometheus metrics; on loopback, or with the metrics token."""
    await gauges.refresh()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


router.include_router(probes)


@router.get("/docs", operation_id="read_docs", response_class=HTMLResponse)
def read_docs(request: Request) -> HTMLResponse:  # beside the event loop: the first time it takes a while
    """This interface, for people."""
    return HTMLResponse(render_page(request.app.openapi()))


@router.get("/docs/style.css", include_in_schema=False)
async def read_docs_style() -> Response:
    """How the page above looks."""
    return Response(STYLE, media_type="text/css", headers={"Cache-Control": "no-cache"})
