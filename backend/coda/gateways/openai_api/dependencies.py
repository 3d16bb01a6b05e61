"""What the routes of this wire are given."""

from typing import Annotated

from fastapi import Depends, Header, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.gateways.answers.repeats.types import IDEMPOTENCY_KEY, ClientRequest
from coda.gateways.answers.wiring import agent_runner
from coda.gateways.openai_api.service import CompletionService
from coda.gateways.streaming.event_stream import StreamPace
from coda.llm.available import AvailableModels
from coda.llm.dependencies import Models

_ModelReader = Annotated[Principal, require(Permission.MODELS_READ, apart=True)]
CompletionCaller = Annotated[Principal, require(Permission.RUNS_WRITE, apart=True)]


async def _available(principal: _ModelReader, models: Models) -> AvailableModels:
    return await models.catalogue.available(principal.org_id, listed=True)


def _completions(request: Request, models: Models) -> CompletionService:
    state = request.app.state
    return CompletionService(models.gateway, state.database, agent_runner(state))


def _pace(request: Request) -> StreamPace:
    pace: StreamPace = getattr(request.app.state, "stream_pace", StreamPace())
    return pace


Available = Annotated[AvailableModels, Depends(_available)]
SessionHeader = Annotated[
    str | None,
    Header(alias="Coda-Session-Id", max_length=100, description="The chat session in which the agent goes on."),
]
IdempotencyHeader = Annotated[
    str | None,
    Header(
        alias=IDEMPOTENCY_KEY,
        max_length=255,
        description="The same key with the same body, within 24 hours, gives the answer of the same run of the agent.",
    ),
]


async def _known_by(
    request: Request, principal: CompletionCaller, session: SessionHeader = None, _key: IdempotencyHeader = None
) -> ClientRequest:
    return ClientRequest.of(principal, request, session=session, body=await request.body())


KnownBy = Annotated[ClientRequest, Depends(_known_by)]
Pace = Annotated[StreamPace, Depends(_pace)]
Completions = Annotated[CompletionService, Depends(_completions)]
