"""The organization's people, for its administrators."""

from uuid import UUID

from fastapi import APIRouter, Request

from coda.core.http.origin import base_url
from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.core.pagination import Page
from coda.identity.link_path import link_path
from coda.identity.models import OneTimeToken
from coda.identity.types import LinkPurpose
from coda.organizations.dependencies import People, PeopleManager, PeopleReader, PeopleToChange
from coda.organizations.schemas import InviteCreate, InviteCreated, InvitePage, Person, PersonPage, PersonPatch
from coda.organizations.types import Member

router = APIRouter(prefix="/api/v1/people", tags=["web-app"])


@router.get("", response_model=PersonPage, responses=errors(401, 403, 422))
async def list_people(people: People, cursor: PageCursor = None, limit: PageLimit = 50) -> Page[Member]:
    """The organization's people."""
    return await people.list_people(cursor=cursor, limit=limit)


@router.get("/invites", response_model=InvitePage, responses=errors(401, 403, 422))
async def list_invites(
    principal: PeopleReader, people: People, cursor: PageCursor = None, limit: PageLimit = 50
) -> Page[OneTimeToken]:
    """Invitations that are open."""
    return await people.list_invites(principal, cursor=cursor, limit=limit)


@router.post("/invites", status_code=201, response_model=InviteCreated, responses=errors(401, 403, 409, 422))
async def create_invite(
    body: InviteCreate, request: Request, principal: PeopleManager, people: PeopleToChange
) -> InviteCreated:
    """Invite a person by one-time link."""
    base = base_url(request.app.state.settings, request)
    email, link = await people.invite(principal, email=body.email, role=body.role)
    return InviteCreated(
        id=link.id,
        email=email,
        role=body.role,
        created_at=link.created_at,
        expires_at=link.expires_at,
        link=base + link_path(LinkPurpose.INVITE, link.token),
    )


@router.delete("/invites/{invite_id}", status_code=204, responses=errors(401, 403, 404, 422))
async def revoke_invite(invite_id: UUID, principal: PeopleManager, people: PeopleToChange) -> None:
    """Take an invitation back."""
    await people.revoke_invite(principal, invite_id)


@router.patch("/{user_id}", response_model=Person, responses=errors(401, 403, 404, 409, 422))
async def update_person(user_id: UUID, change: PersonPatch, principal: PeopleManager, people: PeopleToChange) -> Member:
    """Change a role, suspend, let back in."""
    return await people.change(principal, user_id, role=change.role, status=change.status)
