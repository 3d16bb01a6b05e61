"""What the routes of models are given."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.http.database import Db
from coda.core.http.responses import PageCursor, PageLimit
from coda.core.rate_limit import Limit, RateLimiter
from coda.llm.available import ModelChoice
from coda.llm.providers.provider import Address
from coda.llm.schemas import ConnectionPage
from coda.llm.service import ConnectionListing, ConnectionService
from coda.llm.wiring import ModelServices, build_connections, build_stores
from coda.usage.wiring import ledger

_ModelReader = Annotated[Principal, require(Permission.MODELS_READ, apart=True)]
# The service checks whose they are: administrators manage their organization's, operators the instance's.
_ConnectionReader = Annotated[Principal, require(Permission.CONNECTIONS_READ)]
_ConnectionReaderApart = Annotated[Principal, require(Permission.CONNECTIONS_READ, apart=True)]
_TRIES = Limit(20, timedelta(minutes=1))


def models_of(request: Request) -> ModelServices:
    """The models of this process."""
    models: ModelServices = request.app.state.models
    return models


Models = Annotated[ModelServices, Depends(models_of)]


async def _choice(request: Request, models: Models, principal: _ModelReader) -> ModelChoice:
    """What the caller may choose. The database is left before providers are waited for."""
    database: Database = request.app.state.database
    async with database.transaction(principal.scope) as db:
        last_used = await ledger(db, principal.scope).last_model()
    available = await models.catalogue.available(principal.org_id, listed=True)
    return ModelChoice(available, last_used)


def _connections(db: Db, models: Models, principal: _ConnectionReader) -> ConnectionService:
    return build_connections(db, principal, models)


async def _connection_page(
    request: Request,
    models: Models,
    principal: _ConnectionReaderApart,
    cursor: PageCursor = None,
    limit: PageLimit = 50,
) -> ConnectionPage:
    """What the caller may know of. How the providers are is read before the transaction is opened."""
    database: Database = request.app.state.database
    health = await models.catalogue.connected.health(principal.org_id)
    async with database.transaction(principal.scope) as db:
        listing = ConnectionListing(build_stores(db, principal, models.seal))
        return await listing.list_page(cursor=cursor, limit=limit, health=health)


async def _connection_tester(request: Request, principal: _ConnectionReaderApart) -> Principal:
    """A caller who has not just tried too often: each try asks a server that they name."""
    limiter: RateLimiter = request.app.state.limiter
    await limiter.hit(f"connection-test:{principal.user_id}", _TRIES)
    return principal


ConnectionTester = Annotated[Principal, Depends(_connection_tester)]


async def _stored_address(
    request: Request, connection_id: UUID, models: Models, principal: ConnectionTester
) -> Address:
    """Where a stored connection leads. The database is left before the provider is asked."""
    database: Database = request.app.state.database
    async with database.transaction(principal.scope) as db:
        return await build_connections(db, principal, models).read_address(connection_id)


Choice = Annotated[ModelChoice, Depends(_choice)]
Connections = Annotated[ConnectionService, Depends(_connections)]
ConnectionList = Annotated[ConnectionPage, Depends(_connection_page)]
StoredAddress = Annotated[Address, Depends(_stored_address)]
