"""What the routes of runs are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.core.http.database import Db
from coda.organizations.dependencies import CurrentPrincipal
from coda.runs.connections.run_commands import RunCommands
from coda.runs.service import RunService
from coda.runs.wiring import run_service


def _runs(request: Request, db: Db, principal: CurrentPrincipal) -> RunService:
    return run_service(db, principal.scope, request.app.state.settings.runs)


def _commands(request: Request) -> RunCommands:
    commands: RunCommands = request.app.state.run_commands
    return commands


Runs = Annotated[RunService, Depends(_runs)]
RunCommandsDep = Annotated[RunCommands, Depends(_commands)]
