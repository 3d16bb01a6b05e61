"""What the routes of runs are given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.http.database import Db
from coda.runs.connections.run_commands import RunCommands
from coda.runs.service import RunService
from coda.runs.wiring import run_service

RunReader = Annotated[Principal, require(Permission.SESSIONS_READ)]
RunWriter = Annotated[Principal, require(Permission.RUNS_WRITE, apart=True)]


def _runs(request: Request, db: Db, principal: RunReader) -> RunService:
    return run_service(db, principal.scope, request.app.state.settings.runs)


def _commands(request: Request) -> RunCommands:
    commands: RunCommands = request.app.state.run_commands
    return commands


Runs = Annotated[RunService, Depends(_runs)]
RunCommandsDep = Annotated[RunCommands, Depends(_commands)]
