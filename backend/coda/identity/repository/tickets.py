"""Queries on WebSocket tickets."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.identity.models import WsTicket
from coda.identity.types import TicketHolder

_TAKE: Final = text("select user_id, org_id, login_id, api_key_id from take_ws_ticket(:hash)")


class TicketRepository:
    """Tickets, each read once."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def insert(self, holder: TicketHolder, *, token_hash: bytes, lifetime: timedelta) -> None:
        """A new ticket for the transaction's person and organization.

        Its time is the database's: it may be read on another host than it was made on.
        """
        ticket = insert(WsTicket).values(
            hash=token_hash,
            user_id=holder.user_id,
            org_id=holder.org_id,
            login_id=holder.login_id,
            api_key_id=holder.api_key_id,
            expires_at=func.now() + lifetime,
        )
        await self._db.execute(ticket)

    async def take(self, token_hash: bytes) -> TicketHolder | None:
        """Read a live ticket and destroy it, in one statement."""
        row = (await self._db.execute(_TAKE, {"hash": token_hash})).one_or_none()
        return None if row is None else TicketHolder(row.user_id, row.org_id, row.login_id, row.api_key_id)
