"""What the routes of this wire are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.core.db import Database
from coda.gateways.openai_api.agent import AgentRunner
from coda.gateways.openai_api.service import CompletionService
from coda.llm.dependencies import Models


def _completions(request: Request, models: Models) -> CompletionService:
    state = request.app.state
    database: Database = state.database
    agents = AgentRunner(database, state.run_commands, state.streams)
    return CompletionService(models.gateway, database, agents)


Completions = Annotated[CompletionService, Depends(_completions)]
