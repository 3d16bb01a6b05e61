"""Signing in and out, one-time links, tickets.

All routes that read or set the refresh cookie are for our own pages only (`OwnPage`).
"""

from typing import Annotated, Final

from fastapi import APIRouter, Cookie, Request, Response

from coda import __version__
from coda.auth.dependencies import (
    DEVICE_COOKIE,
    CurrentVisitor,
    LinkRedemptions,
    OwnPage,
    SignIns,
    SocketOpener,
    Tickets,
)
from coda.auth.schemas import (
    AuthLink,
    AuthState,
    InviteAcceptance,
    LoginRequest,
    PasswordReset,
    Refresh,
    Setup,
    SignedIn,
    WsTicket,
)
from coda.auth.service.unit_of_work import SignedIn as Outcome
from coda.core.http.origin import is_https
from coda.core.http.responses import errors
from coda.core.settings import Settings
from coda.identity.types import TicketHolder
from coda.identity.wiring import Identity

router = APIRouter(prefix="/api/v1")

COOKIE: Final = "coda_refresh"
COOKIE_PATH: Final = "/api/v1/auth"

_DEVICE_SECONDS: Final = 400 * 24 * 3600  # the longest that browsers keep a cookie

RefreshCookie = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


@router.get("/auth/state", response_model=AuthState, tags=["web-app"])
async def read_auth_state(links: LinkRedemptions) -> AuthState:
    """Whether the first administrator still has to be made."""
    return AuthState(setup_required=not await links.is_set_up(), version=__version__)


@router.get("/auth/links/{token}", response_model=AuthLink, responses=errors(404, 410, 422, 429), tags=["web-app"])
async def read_auth_link(token: str, links: LinkRedemptions, visitor: CurrentVisitor) -> AuthLink:
    """What a one-time link is for."""
    terms, organization = await links.read(token, visitor)
    return AuthLink(purpose=terms.purpose, email=terms.email, organization=organization)


@router.post(
    "/auth/setup",
    status_code=201,
    response_model=SignedIn,
    responses=errors(403, 404, 409, 410, 422, 429),
    dependencies=[OwnPage],
    tags=["auth"],
)
async def set_up(
    body: Setup, request: Request, response: Response, links: LinkRedemptions, visitor: CurrentVisitor
) -> Outcome:
    """Make the first administrator with the set-up link's token."""
    password = body.password.get_secret_value()
    outcome = await links.set_up(token=body.token, email=body.email, name=body.name, password=password, visitor=visitor)
    return _keep(outcome, request, response)


@router.post(
    "/auth/login",
    response_model=SignedIn,
    responses=errors(401, 403, 422, 429),
    dependencies=[OwnPage],
    tags=["auth"],
)
async def log_in(
    body: LoginRequest, request: Request, response: Response, sign_ins: SignIns, visitor: CurrentVisitor
) -> Outcome:
    """Sign in with e-mail and password."""
    outcome = await sign_ins.log_in(email=body.email, password=body.password.get_secret_value(), visitor=visitor)
    return _keep(outcome, request, response)


@router.post(
    "/auth/refresh",
    response_model=SignedIn,
    responses=errors(401, 403, 422, 429),
    dependencies=[OwnPage],
    tags=["auth"],
)
async def refresh(
    request: Request,
    response: Response,
    sign_ins: SignIns,
    visitor: CurrentVisitor,
    body: Refresh | None = None,
    coda_refresh: RefreshCookie = None,
) -> Outcome:
    """Get a new access token for the refresh cookie."""
    org_id = None if body is None else body.organization_id
    return _keep(await sign_ins.refresh(coda_refresh, org_id=org_id, visitor=visitor), request, response)


@router.post("/auth/logout", status_code=204, responses=errors(403), dependencies=[OwnPage], tags=["auth"])
async def log_out(request: Request, response: Response, sign_ins: SignIns, coda_refresh: RefreshCookie = None) -> None:
    """End this login."""
    await sign_ins.log_out(coda_refresh)
    settings: Settings = request.app.state.settings
    response.delete_cookie(COOKIE, path=COOKIE_PATH, httponly=True, samesite="lax", secure=is_https(settings, request))


@router.post(
    "/auth/invite",
    status_code=201,
    response_model=SignedIn,
    responses=errors(403, 404, 409, 410, 422, 429),
    dependencies=[OwnPage],
    tags=["web-app"],
)
async def accept_invite(
    body: InviteAcceptance, request: Request, response: Response, links: LinkRedemptions, visitor: CurrentVisitor
) -> Outcome:
    """Join with an invitation link."""
    password = body.password.get_secret_value()
    outcome = await links.accept_invite(token=body.token, name=body.name, password=password, visitor=visitor)
    return _keep(outcome, request, response)


@router.post(
    "/auth/reset",
    response_model=SignedIn,
    responses=errors(403, 404, 410, 422, 429),
    dependencies=[OwnPage],
    tags=["web-app"],
)
async def reset_password(
    body: PasswordReset, request: Request, response: Response, links: LinkRedemptions, visitor: CurrentVisitor
) -> Outcome:
    """Set a new password with a reset link."""
    password = body.password.get_secret_value()
    outcome = await links.reset_password(token=body.token, password=password, visitor=visitor)
    return _keep(outcome, request, response)


@router.post("/ws-tickets", status_code=201, response_model=WsTicket, responses=errors(401, 403), tags=["auth"])
async def create_ws_ticket(principal: SocketOpener, tickets: Tickets) -> WsTicket:
    """Get a ticket that opens one WebSocket within 30 seconds."""
    holder = TicketHolder(principal.user_id, principal.org_id, principal.login_id, principal.api_key_id)
    return WsTicket(ticket=await tickets.create(holder))


def _keep(outcome: Outcome, request: Request, response: Response) -> Outcome:
    """Put the refresh token into its cookie, the only place where a browser has it."""
    settings: Settings = request.app.state.settings
    response.set_cookie(
        COOKIE,
        outcome.refresh_token,
        max_age=int(settings.identity.refresh_token_lifetime.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=is_https(settings, request),
    )
    _keep_device(outcome, request, response)
    return outcome


def _keep_device(outcome: Outcome, request: Request, response: Response) -> None:
    """Let the device be known again, for the throttle of sign-ins; one that is known keeps its cookie."""
    identity: Identity = request.app.state.identity
    if identity.devices.read(request.cookies.get(DEVICE_COOKIE), outcome.user.id) is None:
        response.set_cookie(
            DEVICE_COOKIE,
            identity.devices.issue(outcome.user.id),
            max_age=_DEVICE_SECONDS,
            path=COOKIE_PATH,
            httponly=True,
            samesite="lax",
            secure=is_https(identity.settings, request),
        )
