"""What routes of every domain are given: the caller, and guards on what the caller may do."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Any

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from coda.access.authenticator import Authenticator
from coda.access.checks import check
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.access.sign_in_first import admitted_lately, bearer_of, count_request
from coda.core.db import Database
from coda.core.db.database import bind_scope
from coda.core.http.database import Db
from coda.core.http.origin import require_own_origin

_bearer = HTTPBearer(
    scheme_name="bearer", description="An access token or an API key (`sk-coda-...`).", auto_error=False
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def authenticate(request: Request, db: Db, credentials: Credentials) -> Principal:
    """The caller; from here on the request's transaction sees their organization."""
    admitted = admitted_lately(request)
    if admitted is not None:
        await bind_scope(db, admitted.scope)
        return _note(admitted)
    authenticator: Authenticator = request.app.state.authenticator
    return await _counted(request, await authenticator.by_bearer(db, _token(credentials)))


async def authenticate_apart(request: Request, credentials: Credentials) -> Principal:
    """The caller, read in a transaction of its own, for routes that must not hold a connection while they work."""
    admitted = admitted_lately(request)
    if admitted is not None:
        return _note(admitted)
    authenticator: Authenticator = request.app.state.authenticator
    database: Database = request.app.state.database
    async with database.transaction(None) as db:
        principal = await authenticator.by_bearer(db, _token(credentials))
    return await _counted(request, principal)


CurrentPrincipal = Annotated[Principal, Depends(authenticate)]
ApartPrincipal = Annotated[Principal, Depends(authenticate_apart)]


def require(permission: Permission, *, apart: bool = False) -> Any:  # noqa: ANN401 - what `Depends` is declared to give
    """A dependency that gives the caller, who has the permission; see `check` for what it raises.

    `apart`: the caller is read in a transaction of its own, and the route holds no connection.
    """
    return Depends((_required_apart if apart else _required)(permission))


@cache  # one function for each permission: FastAPI asks it once in a request, wherever it is declared
def _required(permission: Permission) -> Callable[[Principal], Awaitable[Principal]]:
    async def required(principal: CurrentPrincipal) -> Principal:
        check(principal, permission)
        return principal

    return required


@cache
def _required_apart(permission: Permission) -> Callable[[Principal], Awaitable[Principal]]:
    async def required_apart(principal: ApartPrincipal) -> Principal:
        check(principal, permission)
        return principal

    return required_apart


async def authenticate_socket(connection: HTTPConnection) -> Principal:
    """The caller of a WebSocket: by one-time ticket (`?ticket=`) or Bearer. An Origin, where one is sent, must be ours.

    Raises ForeignOrigin (close with 4403), or what `Authenticator` raises (close with 4401).
    """
    state = connection.app.state
    authenticator: Authenticator = state.authenticator
    require_own_origin(state.settings, connection)
    ticket = connection.query_params.get("ticket")
    async with state.database.transaction(None) as db:
        if ticket:
            return await authenticator.by_ticket(db, ticket)
        return await authenticator.by_bearer(db, bearer_of(connection.headers))


def _token(credentials: HTTPAuthorizationCredentials | None) -> str | None:
    return None if credentials is None else credentials.credentials


async def _counted(request: Request, principal: Principal) -> Principal:
    """Raises RateLimited."""
    await count_request(request.scope, principal)
    return _note(principal)


def _note(principal: Principal) -> Principal:
    structlog.contextvars.bind_contextvars(user_id=str(principal.user_id), org_id=str(principal.org_id))
    return principal
