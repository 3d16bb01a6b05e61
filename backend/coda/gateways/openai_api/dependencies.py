"""What the routes of this wire are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.settings import Settings
from coda.gateways.openai_api.agent import AgentRunner
from coda.gateways.openai_api.service import CompletionService
from coda.llm.dependencies import Models

ModelReader = Annotated[Principal, require(Permission.MODELS_READ, apart=True)]
CompletionCaller = Annotated[Principal, require(Permission.RUNS_WRITE, apart=True)]


def _completions(request: Request, models: Models) -> CompletionService:
    state = request.app.state
    database: Database = state.database
    settings: Settings = state.settings

    def patience() -> float:
        """Without Redis no other process takes an answer up before this one is gone."""
        return float(state.dispatcher.grace_left()) if settings.redis_url is not None else 0.0

    agents = AgentRunner(database, state.run_commands, state.streams, state.sockets.registry, patience)
    return CompletionService(models.gateway, database, agents)


Completions = Annotated[CompletionService, Depends(_completions)]
