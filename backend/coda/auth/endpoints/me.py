"""The caller: profile, password, logins."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter, Response

from coda.auth.dependencies import (
    AccountReader,
    AccountWriter,
    CurrentVisitor,
    Logins,
    PasswordChanger,
    Profile,
    SignIns,
)
from coda.auth.schemas import Login, LoginPage, Me, MePatch, PasswordChange, User
from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.identity.models import User as Account
from coda.organizations.schemas import Organization

router = APIRouter(prefix="/api/v1/me")

API_KEYS_HEADER: Final = "Coda-Api-Keys"
_API_KEYS_SCHEMA: Final = {
    "description": "How many API keys of the caller are still good in this organization.",
    "schema": {"type": "integer", "minimum": 0},
}


@router.get("", response_model=Me, responses=errors(401), tags=["me"])
async def read_me(principal: AccountReader, profile: Profile) -> Me:
    """The caller, the organization worked in, and all organizations."""
    user, here, memberships = await profile.read(principal)
    return Me(
        user=User.model_validate(user),
        organization=Organization.model_validate(here),
        organizations=[Organization.model_validate(membership) for membership in memberships],
        permissions=sorted(principal.permissions),
    )


@router.patch("", response_model=User, responses=errors(401, 403, 422), tags=["web-app"])
async def update_me(change: MePatch, principal: AccountWriter, profile: Profile) -> Account:
    """Change name, language or time zone."""
    return await profile.change(principal, change.model_dump(exclude_unset=True))


@router.post(
    "/password",
    status_code=204,
    responses={
        204: {"description": "Changed.", "headers": {API_KEYS_HEADER: _API_KEYS_SCHEMA}},
        **errors(401, 403, 422, 429),
    },
    tags=["me"],
)
async def change_password(
    change: PasswordChange, response: Response, principal: PasswordChanger, sign_ins: SignIns, visitor: CurrentVisitor
) -> None:
    """Change the password; other logins end. API keys stay: how many there are here is told in a header."""
    keys = await sign_ins.change_password(
        principal,
        current=change.current_password.get_secret_value(),
        new=change.new_password.get_secret_value(),
        visitor=visitor,
    )
    response.headers[API_KEYS_HEADER] = str(keys)


@router.get("/logins", response_model=LoginPage, responses=errors(401, 422), tags=["me"])
async def list_logins(
    principal: AccountReader, logins: Logins, cursor: PageCursor = None, limit: PageLimit = 50
) -> LoginPage:
    """Where the caller is signed in."""
    page = await logins.list_live(principal.user_id, cursor=cursor, limit=limit)
    items = [
        Login(
            id=login.id,
            user_agent=login.user_agent,
            address=login.address,
            created_at=login.created_at,
            last_used_at=login.last_used_at,
            current=login.id == principal.login_id,
        )
        for login in page.items
    ]
    return LoginPage(items=items, next_cursor=page.next_cursor)


@router.delete("/logins/{login_id}", status_code=204, responses=errors(401, 403, 404, 422), tags=["me"])
async def end_login(login_id: UUID, principal: AccountWriter, logins: Logins) -> None:
    """End one login."""
    await logins.end(principal.user_id, login_id)
