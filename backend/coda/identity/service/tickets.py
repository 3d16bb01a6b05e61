"""Tickets that open one WebSocket each."""

from datetime import timedelta
from typing import Final

from coda.core.security import hash_opaque_token, new_opaque_token
from coda.identity.errors import LoginOver
from coda.identity.repository import TicketRepository
from coda.identity.types import TicketHolder

_LIFETIME: Final = timedelta(seconds=30)


class TicketService:
    """Makes tickets and takes each back once."""

    def __init__(self, tickets: TicketRepository) -> None:
        self._tickets = tickets

    async def create(self, holder: TicketHolder) -> str:
        """A ticket for the next 30 seconds."""
        ticket = new_opaque_token()
        await self._tickets.insert(holder, token_hash=hash_opaque_token(ticket), lifetime=_LIFETIME)
        return ticket

    async def take(self, ticket: str) -> TicketHolder:
        """Whom a ticket lets in, once; raises LoginOver."""
        holder = await self._tickets.take(hash_opaque_token(ticket))
        if holder is None:
            raise LoginOver
        return holder
