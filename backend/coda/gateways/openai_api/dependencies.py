"""What the routes of this wire are given."""

from typing import Annotated

from fastapi import Depends, Header, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.settings import Settings
from coda.gateways.answers.pictures import PictureKeeper
from coda.gateways.answers.repeats.types import IDEMPOTENCY_KEY, ClientRequest
from coda.gateways.answers.runner import AgentRunner
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
    database: Database = state.database
    settings: Settings = state.settings

    def patience() -> float:
        """Without Redis no other process takes an answer up before this one is gone."""
        return float(state.dispatcher.grace_left()) if settings.redis_url is not None else 0.0

    pictures = PictureKeeper(state.files, models.http)
    agents = AgentRunner(database, state.run_commands, state.streams, state.sockets.registry, patience, pictures)
    return CompletionService(models.gateway, database, agents)


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
