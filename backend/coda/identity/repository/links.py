"""Queries on one-time links."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.clock import now
from coda.core.pagination import Cursor
from coda.identity.models import OneTimeToken
from coda.identity.types import LinkPurpose, LinkTerms

_OF_TOKEN: Final = select(OneTimeToken).from_statement(text("select * from one_time_token(:hash)"))
_SPEND: Final = text("select spend_one_time_token(:hash)")


class LinkRepository:
    """One-time tokens by hash; those of the transaction's person or organization besides."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def insert(self, terms: LinkTerms, *, token_hash: bytes, expires_at: datetime) -> OneTimeToken:
        """A new link."""
        link = OneTimeToken(
            hash=token_hash,
            purpose=terms.purpose,
            email=terms.email,
            user_id=terms.user_id,
            org_id=terms.org_id,
            role=terms.role,
            created_by=terms.created_by,
            created_at=now(),
            expires_at=expires_at,
        )
        self._db.add(link)
        await self._db.flush()
        return link

    async def find(self, token_hash: bytes) -> OneTimeToken | None:
        """The link with this token, used or not."""
        found: OneTimeToken | None = await self._db.scalar(_OF_TOKEN, {"hash": token_hash})
        return found

    async def spend(self, token_hash: bytes) -> bool:
        """Use the link up; False for everybody but the first, also at the same moment."""
        return bool(await self._db.scalar(_SPEND, {"hash": token_hash}))

    async def list_open_invites(self, org_id: UUID, *, cursor: Cursor | None, limit: int) -> Sequence[OneTimeToken]:
        """An organization's invitations that can be used, newest first; one more than `limit`."""
        query = select(OneTimeToken).where(*self._open_invites(org_id))
        if cursor is not None:
            query = query.where(tuple_(OneTimeToken.created_at, OneTimeToken.id) < (cursor.at, cursor.id))
        ordered = query.order_by(OneTimeToken.created_at.desc(), OneTimeToken.id.desc()).limit(limit + 1)
        return (await self._db.scalars(ordered)).all()

    async def delete_invite(self, org_id: UUID, invite_id: UUID) -> bool:
        """Take an open invitation back; False when there is none."""
        query = delete(OneTimeToken).where(*self._open_invites(org_id), OneTimeToken.id == invite_id)
        return await self._db.scalar(query.returning(OneTimeToken.id)) is not None

    async def delete_invites_to(self, org_id: UUID, email: str) -> None:
        """Take back what was sent to an address before."""
        query = delete(OneTimeToken).where(
            *self._open_invites(org_id), func.lower(OneTimeToken.email) == func.lower(email)
        )
        await self._db.execute(query)

    async def delete_invites_by(self, org_id: UUID, user_id: UUID) -> None:
        """Take back what a person sent."""
        await self._db.execute(
            delete(OneTimeToken).where(*self._open_invites(org_id), OneTimeToken.created_by == user_id)
        )

    async def delete_resets(self, user_id: UUID) -> None:
        """Take back one's own links to a new password."""
        query = delete(OneTimeToken).where(
            OneTimeToken.user_id == user_id,
            OneTimeToken.purpose == LinkPurpose.RESET,
            OneTimeToken.used_at.is_(None),
        )
        await self._db.execute(query)

    @staticmethod
    def _open_invites(org_id: UUID) -> Sequence[ColumnElement[bool]]:
        return (
            OneTimeToken.org_id == org_id,
            OneTimeToken.purpose == LinkPurpose.INVITE,
            OneTimeToken.used_at.is_(None),
            OneTimeToken.expires_at > now(),
        )
