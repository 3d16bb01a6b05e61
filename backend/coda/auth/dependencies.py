"""What the routes of sign-in and of the caller's account are given.

The routes that make or change the owner's own credentials (new keys, the password) need a login: a leaked key can be
revoked; it must not be able to outlive that.
"""

from typing import Annotated, Final

from fastapi import Depends, Request

from coda.access.dependencies import CurrentPrincipal, require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.auth.service import LinkRedemption, ProfileService, SignIn
from coda.auth.wiring import build_link_redemption, build_profile, build_sign_in
from coda.core.http.database import Db
from coda.core.http.origin import require_own_origin
from coda.core.http.visitor import client_address, user_agent
from coda.core.settings import Settings
from coda.identity.service import ApiKeyService, LoginService, TicketService
from coda.identity.types import Visitor
from coda.identity.wiring import Identity, build_api_keys, build_tickets

DEVICE_COOKIE: Final = "coda_device"

AccountReader = Annotated[Principal, require(Permission.ACCOUNT_READ)]
AccountWriter = Annotated[Principal, require(Permission.ACCOUNT_WRITE)]
KeyMaker = Annotated[Principal, require(Permission.CREDENTIALS_WRITE)]
PasswordChanger = Annotated[Principal, require(Permission.CREDENTIALS_WRITE, apart=True)]
SocketOpener = Annotated[Principal, require(Permission.SESSIONS_READ)]


async def _require_own_page(request: Request) -> None:
    settings: Settings = request.app.state.settings
    require_own_origin(settings, request)


OwnPage = Depends(_require_own_page)


def _visitor(request: Request) -> Visitor:
    return Visitor(client_address(request), user_agent(request), request.cookies.get(DEVICE_COOKIE))


def _sign_ins(request: Request) -> SignIn:
    return build_sign_in(request.app.state.database, request.app.state.identity)


def _link_redemptions(request: Request) -> LinkRedemption:
    return build_link_redemption(request.app.state.database, request.app.state.identity)


def _profile(db: Db) -> ProfileService:
    return build_profile(db)


def _api_keys(db: Db, principal: CurrentPrincipal) -> ApiKeyService:
    return build_api_keys(db, principal.org_id)


def _logins(request: Request, db: Db) -> LoginService:
    identity: Identity = request.app.state.identity
    return identity.logins(db)


def _tickets(db: Db) -> TicketService:
    return build_tickets(db)


CurrentVisitor = Annotated[Visitor, Depends(_visitor)]
SignIns = Annotated[SignIn, Depends(_sign_ins)]
LinkRedemptions = Annotated[LinkRedemption, Depends(_link_redemptions)]
Profile = Annotated[ProfileService, Depends(_profile)]
ApiKeys = Annotated[ApiKeyService, Depends(_api_keys)]
Logins = Annotated[LoginService, Depends(_logins)]
Tickets = Annotated[TicketService, Depends(_tickets)]
