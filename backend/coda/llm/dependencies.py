"""What the routes of models are given."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.http.database import Db
from coda.core.rate_limit import Limit, RateLimiter
from coda.core.settings import Settings
from coda.llm.schemas import ModelsRead
from coda.llm.service import ConnectionService
from coda.llm.wiring import ModelServices, build_connections
from coda.usage.wiring import ledger

_ModelReader = Annotated[Principal, require(Permission.MODELS_READ, apart=True)]
_ConnectionReader = Annotated[Principal, require(Permission.CONNECTIONS_READ)]
_ConnectionManager = Annotated[Principal, require(Permission.CONNECTIONS_MANAGE)]
_ConnectionManagerApart = Annotated[Principal, require(Permission.CONNECTIONS_MANAGE, apart=True)]
_TRIES = Limit(20, timedelta(minutes=1))


def models_of(request: Request) -> ModelServices:
    """The models of this process."""
    models: ModelServices = request.app.state.models
    return models


Models = Annotated[ModelServices, Depends(models_of)]


async def _choice(request: Request, models: Models, principal: _ModelReader) -> ModelsRead:
    """What the caller may choose. The database is left before providers are waited for."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    async with database.transaction(principal.scope) as db:
        last_used = await ledger(db, principal.scope).last_model()
    available = await models.catalogue.available(principal.org_id, listed=True)
    return ModelsRead.of(available, default_model=available.default(last_used, settings.default_model))


def _connections(db: Db, models: Models, principal: _ConnectionReader) -> ConnectionService:
    return build_connections(db, principal, models)


def _connections_to_change(db: Db, models: Models, principal: _ConnectionManager) -> ConnectionService:
    return build_connections(db, principal, models)


async def _connection_tester(request: Request, principal: _ConnectionManagerApart) -> Principal:
    """An administrator who has not just tried too often: each try asks a server that they name."""
    limiter: RateLimiter = request.app.state.limiter
    await limiter.hit(f"connection-test:{principal.user_id}", _TRIES)
    return principal


ModelChoice = Annotated[ModelsRead, Depends(_choice)]
Connections = Annotated[ConnectionService, Depends(_connections)]
ConnectionsToChange = Annotated[ConnectionService, Depends(_connections_to_change)]
ConnectionTester = Annotated[Principal, Depends(_connection_tester)]
