"""What routes are given: the caller, guards on their rights, and the services of this domain.

An API key works on every route as its owner would, with one exception: the routes that make or change the owner's own
credentials (new keys, the password) need a login. A leaked key can be revoked; it must not be able to outlive that.
"""

from collections.abc import Sequence
from typing import Annotated

import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from coda.access.errors import AdminsOnly, NeedsLogin, OperatorsOnly, ReadOnly
from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.http.database import Db
from coda.core.http.origin import require_own_origin
from coda.core.http.visitor import client_address, user_agent
from coda.core.settings import Settings
from coda.identity.errors import LoginOver
from coda.identity.service import LoginService, TicketService
from coda.identity.types import Visitor
from coda.identity.wiring import Identity, build_tickets
from coda.organizations.service import (
    ApiKeyService,
    LinkRedemption,
    PeopleService,
    ProfileService,
    SettingsService,
    SignIn,
)
from coda.organizations.wiring import (
    build_api_keys,
    build_authentication,
    build_link_redemption,
    build_people,
    build_profile,
    build_settings,
    build_sign_in,
    build_standing,
)

_bearer = HTTPBearer(
    scheme_name="bearer", description="An access token or an API key (`sk-coda-...`).", auto_error=False
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def authenticate(request: Request, db: Db, credentials: Credentials) -> Principal:
    """The caller; from here on the request's transaction sees their organization."""
    identity: Identity = request.app.state.identity
    token = None if credentials is None else credentials.credentials
    return _note(request, await build_authentication(db, identity).by_bearer(token))


CurrentPrincipal = Annotated[Principal, Depends(authenticate)]


async def _authenticate_apart(request: Request, credentials: Credentials) -> Principal:
    database: Database = request.app.state.database
    identity: Identity = request.app.state.identity
    token = None if credentials is None else credentials.credentials
    async with database.transaction(None) as db:
        return _note(request, await build_authentication(db, identity).by_bearer(token))


# Authenticated in a transaction of its own, for routes that must not hold a connection while they work.
ApartPrincipal = Annotated[Principal, Depends(_authenticate_apart)]


def _note(request: Request, principal: Principal) -> Principal:
    request.state.principal = principal
    structlog.contextvars.bind_contextvars(user_id=str(principal.user_id), org_id=str(principal.org_id))
    return principal


async def _require_member(principal: CurrentPrincipal) -> Principal:
    if not principal.may_write:
        raise ReadOnly
    return principal


async def _require_member_apart(principal: ApartPrincipal) -> Principal:
    if not principal.may_write:
        raise ReadOnly
    return principal


async def _require_admin(principal: CurrentPrincipal) -> Principal:
    if not principal.is_admin:
        raise AdminsOnly
    return principal


async def _require_operator(principal: CurrentPrincipal) -> Principal:
    if not principal.is_operator:
        raise OperatorsOnly
    return principal


async def _require_operator_apart(principal: ApartPrincipal) -> Principal:
    if not principal.is_operator:
        raise OperatorsOnly
    return principal


async def _require_login(principal: CurrentPrincipal) -> Principal:
    if principal.login_id is None:
        raise NeedsLogin
    return principal


MemberPrincipal = Annotated[Principal, Depends(_require_member)]
ApartMemberPrincipal = Annotated[Principal, Depends(_require_member_apart)]
AdminPrincipal = Annotated[Principal, Depends(_require_admin)]
OperatorPrincipal = Annotated[Principal, Depends(_require_operator)]
ApartOperatorPrincipal = Annotated[Principal, Depends(_require_operator_apart)]
LoginPrincipal = Annotated[Principal, Depends(_require_login)]


async def authenticate_socket(connection: HTTPConnection) -> Principal:
    """The caller of a WebSocket: by one-time ticket (`?ticket=`) or Bearer. An Origin, where one is sent, must be ours.

    Raises ForeignOrigin (close with 4403), or what `Authentication` raises (close with 4401).
    """
    state = connection.app.state
    require_own_origin(state.settings, connection)
    ticket = connection.query_params.get("ticket")
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    async with state.database.transaction(None) as db:
        authentication = build_authentication(db, state.identity)
        if ticket:
            return await authentication.by_ticket(ticket)
        return await authentication.by_bearer(token.strip() if scheme.lower() == "bearer" else None)


async def principal_still_valid(db: AsyncSession, principal: Principal) -> Principal | None:
    """The caller with the rights of now, `db` bound to them; None when they may no longer be here."""
    try:
        return await build_standing(db).reread(principal)
    except LoginOver:
        return None


async def principals_still_valid(db: AsyncSession, principals: Sequence[Principal]) -> set[Principal]:
    """Which of these callers may still be here; cheap enough for thousands of open sockets every 3 seconds."""
    return await build_standing(db).list_valid(principals)


async def _require_own_page(request: Request) -> None:
    settings: Settings = request.app.state.settings
    require_own_origin(settings, request)


OwnPage = Depends(_require_own_page)


def _visitor(request: Request) -> Visitor:
    return Visitor(client_address(request), user_agent(request))


def _sign_in(request: Request) -> SignIn:
    return build_sign_in(request.app.state.database, request.app.state.identity)


def _link_redemption(request: Request) -> LinkRedemption:
    return build_link_redemption(request.app.state.database, request.app.state.identity)


def _profile(db: Db) -> ProfileService:
    return build_profile(db)


def _people(request: Request, db: Db, principal: AdminPrincipal) -> PeopleService:
    return build_people(db, principal.scope, request.app.state.identity)


def _api_keys(db: Db, principal: CurrentPrincipal) -> ApiKeyService:
    return build_api_keys(db, principal.scope)


def _admin_settings(db: Db, principal: AdminPrincipal) -> SettingsService:
    return build_settings(db, principal.scope)


def _settings(db: Db, principal: CurrentPrincipal) -> SettingsService:
    return build_settings(db, principal.scope)


def _logins(request: Request, db: Db) -> LoginService:
    identity: Identity = request.app.state.identity
    return identity.logins(db)


def _tickets(db: Db) -> TicketService:
    return build_tickets(db)


CurrentVisitor = Annotated[Visitor, Depends(_visitor)]
SignInDoor = Annotated[SignIn, Depends(_sign_in)]
LinkDoor = Annotated[LinkRedemption, Depends(_link_redemption)]
Profile = Annotated[ProfileService, Depends(_profile)]
People = Annotated[PeopleService, Depends(_people)]
ApiKeys = Annotated[ApiKeyService, Depends(_api_keys)]
OrganizationSettings = Annotated[SettingsService, Depends(_settings)]
AdminSettings = Annotated[SettingsService, Depends(_admin_settings)]
Logins = Annotated[LoginService, Depends(_logins)]
Tickets = Annotated[TicketService, Depends(_tickets)]
