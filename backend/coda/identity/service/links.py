"""One-time links: set-up, invitation, new password."""

from datetime import timedelta
from uuid import UUID

from coda.core.clock import now
from coda.core.pagination import Cursor, Page, page_of
from coda.core.security import hash_opaque_token, new_opaque_token
from coda.identity.errors import InviteNotFound, LinkNotFound, LinkSpent
from coda.identity.models import OneTimeToken
from coda.identity.repository import LinkRepository
from coda.identity.types import LinkPurpose, LinkTerms, NewLink


class LinkService:
    """Makes, reads and redeems one-time links."""

    def __init__(self, links: LinkRepository, *, lifetime: timedelta) -> None:
        self._links = links
        self._lifetime = lifetime

    async def create(self, terms: LinkTerms) -> NewLink:
        """A link that works once."""
        token = new_opaque_token()
        link = await self._links.insert(terms, token_hash=hash_opaque_token(token), expires_at=now() + self._lifetime)
        return NewLink(link.id, token, link.created_at, link.expires_at)

    async def read(self, token: str, purpose: LinkPurpose | None = None) -> LinkTerms:
        """What a link is for, without using it; raises LinkNotFound or LinkSpent."""
        link = await self._links.find(hash_opaque_token(token))
        if link is None or purpose not in (None, link.purpose):
            raise LinkNotFound
        if link.used_at is not None or link.expires_at <= now():
            raise LinkSpent
        return LinkTerms(LinkPurpose(link.purpose), link.email, link.user_id, link.org_id, link.role, link.created_by)

    async def redeem(self, token: str, purpose: LinkPurpose) -> LinkTerms:
        """Use a link up, once for all who try at the same moment; raises LinkNotFound or LinkSpent."""
        terms = await self.read(token, purpose)
        if not await self._links.spend(hash_opaque_token(token)):
            raise LinkSpent
        return terms

    async def list_invites(self, org_id: UUID, *, cursor: str | None, limit: int) -> Page[OneTimeToken]:
        """An organization's open invitations, newest first."""
        rows = await self._links.list_open_invites(org_id, cursor=Cursor.decode(cursor), limit=limit)
        return page_of(rows, limit=limit, key=lambda link: Cursor(link.created_at, link.id))

    async def revoke_invite(self, org_id: UUID, invite_id: UUID) -> None:
        """Take an invitation back; raises InviteNotFound."""
        if not await self._links.delete_invite(org_id, invite_id):
            raise InviteNotFound(invite_id)

    async def revoke_invites_to(self, org_id: UUID, email: str) -> None:
        """A new invitation replaces the ones before it."""
        await self._links.delete_invites_to(org_id, email)

    async def revoke_invites_by(self, org_id: UUID, user_id: UUID) -> None:
        """What somebody may no longer send, nobody may accept."""
        await self._links.delete_invites_by(org_id, user_id)

    async def revoke_resets(self, user_id: UUID) -> None:
        """A new password makes the links to one void."""
        await self._links.delete_resets(user_id)
