"""The route of AG-UI."""

from fastapi import APIRouter, Response

from coda.core.http.responses import errors
from coda.gateways.ag_ui.dependencies import AgUi, Registry
from coda.gateways.ag_ui.schemas import RunAgentInput
from coda.gateways.ag_ui.stream import EventWriter, FollowedConnection, frames_of
from coda.gateways.openai_api.dependencies import Pace
from coda.gateways.streaming.event_stream import EventStream, StreamSource
from coda.runs.connections.errors import TooManyConnections
from coda.runs.dependencies import RunWriter

router = APIRouter(tags=["ag-ui"])


@router.post(
    "/ag-ui",
    response_class=Response,
    responses={
        200: {
            "description": "The events of the run.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **errors(401, 403, 404, 409, 422, 429, 503),
    },
)
async def run_agent(
    body: RunAgentInput, principal: RunWriter, service: AgUi, registry: Registry, pace: Pace
) -> Response:
    """AG-UI: starts the run that the input asks for, or goes on with one, and answers with its events."""
    followed = await service.open(principal, body)
    feed = followed.feed
    connection, writer = FollowedConnection(principal, feed), EventWriter(body, followed)
    registration = registry.registered(connection)
    try:
        registration.__enter__()
    except TooManyConnections:
        feed.close()
        raise

    async def finish() -> None:
        feed.close()
        registration.__exit__(None, None, None)

    source = StreamSource(frames_of(feed, connection, writer), writer.error, finish)
    return EventStream(source, pace)
