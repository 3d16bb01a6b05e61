"""Queries on WebSocket tickets."""

from datetime import timedelta

from sqlalchemy import delete, func
from sqlalchemy.ext.asyncio import AsyncSession

from coda.identity.models import WsTicket
from coda.identity.types import TicketHolder


class TicketRepository:
    """Tickets, each read once."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def insert(self, holder: TicketHolder, *, token_hash: bytes, lifetime: timedelta) -> None:
        """A new ticket. Its time is the database's: it may be read on another host than it was made on."""
        ticket = WsTicket(
            hash=token_hash,
            user_id=holder.user_id,
            org_id=holder.org_id,
            login_id=holder.login_id,
            api_key_id=holder.api_key_id,
            expires_at=func.now() + lifetime,
        )
        self._db.add(ticket)
        await self._db.flush()

    async def take(self, token_hash: bytes) -> TicketHolder | None:
        """Read a live ticket and destroy it, in one statement."""
        query = (
            delete(WsTicket)
            .where(WsTicket.hash == token_hash, WsTicket.expires_at > func.now())
            .returning(WsTicket.user_id, WsTicket.org_id, WsTicket.login_id, WsTicket.api_key_id)
        )
        row = (await self._db.execute(query)).one_or_none()
        return None if row is None else TicketHolder(row.user_id, row.org_id, row.login_id, row.api_key_id)
