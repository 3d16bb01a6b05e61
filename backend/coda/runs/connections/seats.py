"""Who is connected to this process: their notes, their rights, their number."""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from coda.access.principal import Principal
from coda.core.db import is_database_outage
from coda.core.tasks import unbroken
from coda.observability.metrics import SOCKETS
from coda.runs.connections.errors import SocketClosing, TooManyConnections, restarting
from coda.runs.connections.frames import notes_text
from coda.runs.connections.limits import SocketLimits
from coda.runs.connections.rights import Rights, signed_out
from coda.runs.stream.hub.port import Hub, Note

_logger = structlog.get_logger(__name__)

Person = tuple[UUID, UUID]

_BETWEEN_SEATS = timedelta(milliseconds=2.5)


class Seat(Protocol):
    """Somebody who is connected: their rights are re-read, and they can be sent away."""

    @property
    def principal(self) -> Principal:
        """Who it is."""
        ...

    def dismiss(self, closing: SocketClosing) -> None:
        """End the connection. The first reason counts."""
        ...

    def tell(self, notes: str) -> None:
        """Pass notes on, as the text of one frame."""
        ...


class Seats:
    """Keeps everybody who is connected, tells them notes, and sends away whose rights are gone.

    A person's notes are gathered for a moment and sent as one frame: with many tabs and many runs, each note on its own
    would cost more than the runs.
    """

    def __init__(self, hub: Hub, rights: Rights, limits: SocketLimits) -> None:
        self._hub, self._rights, self._limits = hub, rights, limits
        self._by_person: dict[Person, set[Seat]] = {}
        self._waiting: dict[Person, dict[Note, None]] = {}
        self._stop_listening: Callable[[], None] | None = None
        self._rereading: asyncio.Task[None] | None = None
        self._is_closing = False
        self._left = asyncio.Event()

    def start(self) -> None:
        """Begin to hear notes and to re-read rights."""
        self._stop_listening = self._hub.listen(self._tell)
        self._rereading = asyncio.create_task(self._reread(), name="rights-rereading")

    async def close(self) -> None:
        """Send everybody away and hear nothing more."""
        await self.send_away(within=timedelta(0))
        if self._stop_listening is not None:
            self._stop_listening()
        if self._rereading is not None:
            self._rereading.cancel()
            await asyncio.gather(self._rereading, return_exceptions=True)

    async def send_away(self, *, within: timedelta) -> None:
        """The process stops: everybody is to come back to another one, or to its next start.

        One after the other, so that they don't all come at once; returns when they have left, or could have.
        """
        self._is_closing = True
        seats = self._all()
        random.shuffle(seats)
        if seats:
            _logger.info("sockets.sent_away", sockets=len(seats), reason="the process stops")
        for seat in seats:
            seat.dismiss(restarting())
            await asyncio.sleep(min(_BETWEEN_SEATS, within / len(seats)).total_seconds())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.finish_within.total_seconds()):
                while self._by_person:
                    self._left.clear()
                    await self._left.wait()

    def count(self, principal: Principal) -> int:
        """How many connections a person has in their organization."""
        return len(self._by_person.get((principal.org_id, principal.user_id), ()))

    @contextmanager
    def taken(self, seat: Seat) -> Iterator[None]:
        """Count somebody as connected. Raises TooManyConnections."""
        person = (seat.principal.org_id, seat.principal.user_id)
        seats = self._by_person.setdefault(person, set())
        if len(seats) >= self._limits.sockets_per_user:
            raise TooManyConnections(self._limits.sockets_per_user)
        seats.add(seat)
        if self._is_closing:
            seat.dismiss(restarting())
        SOCKETS.inc()
        try:
            yield
        finally:
            SOCKETS.dec()
            seats.discard(seat)
            if not seats:
                self._by_person.pop(person, None)
                self._left.set()

    async def recheck(self) -> None:
        """Read everybody's rights anew and send away whose are gone."""
        seats = self._all()
        if not seats:
            return
        valid = await self._rights.list_valid(list({seat.principal for seat in seats}))
        for seat in seats:
            if seat.principal not in valid:
                seat.dismiss(signed_out())

    def _all(self) -> list[Seat]:
        return [seat for seats in self._by_person.values() for seat in seats]

    def _tell(self, note: Note) -> None:
        person = (note.org_id, note.user_id)
        if person not in self._by_person:
            return
        waiting = self._waiting.setdefault(person, {})
        if not waiting:
            pause = self._limits.notes_gathered.total_seconds()
            asyncio.get_running_loop().call_later(pause, self._pass_on, person)
        waiting[note] = None

    def _pass_on(self, person: Person) -> None:
        text = notes_text(list(self._waiting.pop(person)))
        for seat in tuple(self._by_person.get(person, ())):
            seat.tell(text)

    async def _reread(self) -> None:
        while True:
            await asyncio.sleep(self._limits.rights_reread.total_seconds())
            with unbroken(_logger, "sockets.rights_not_read", is_expected=is_database_outage):
                await self.recheck()
