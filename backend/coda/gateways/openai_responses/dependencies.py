"""What the routes of this wire are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.gateways.openai_api.dependencies import Completions
from coda.gateways.openai_responses.service import ResponseService

ResponseReader = Annotated[Principal, require(Permission.SESSIONS_READ, apart=True)]


def _responses(request: Request, completions: Completions) -> ResponseService:
    return ResponseService(completions, request.app.state.database)


Responses = Annotated[ResponseService, Depends(_responses)]
