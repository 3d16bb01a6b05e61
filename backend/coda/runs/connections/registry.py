"""The connections of this process: their number, their notes, and the rights of those who opened them."""

import asyncio
import random
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.conversations.types import FollowedSession
from coda.core.db import is_database_outage
from coda.core.errors import CodaError
from coda.core.tasks import unbroken
from coda.observability.metrics import SOCKETS
from coda.runs.connections.errors import SocketClosing, TooManyConnections, restarting
from coda.runs.connections.frames import notes_text
from coda.runs.connections.limits import SocketLimits
from coda.runs.connections.rights import Rights, RightsOfAll, not_allowed, signed_out
from coda.runs.stream.hub.port import Hub, Note

_logger = structlog.get_logger(__name__)

Person = tuple[UUID, UUID]

_BETWEEN_CLOSINGS = timedelta(milliseconds=2.5)


class Connection(Protocol):
    """A socket, or a stream over HTTP."""

    @property
    def principal(self) -> Principal:
        """Who opened it."""
        ...

    @property
    def followed_sessions(self) -> Collection[UUID]:
        """The chat sessions whose runs are followed on it."""
        ...

    def disconnect(self, closing: SocketClosing) -> None:
        """End the connection. The first reason counts."""
        ...

    def detach_session(self, session_id: UUID) -> None:
        """Follow no run of this session any more, and say why: it may no longer be read."""
        ...

    def send_notes(self, notes: str) -> None:
        """Pass notes on, as the text of one frame."""
        ...


class ConnectionRegistry:
    """Keeps all connections, sends them notes, and ends what their openers may no longer read.

    A person's notes are gathered for a moment and sent as one frame: with many tabs and many runs, each note on its own
    would cost more than the runs.
    """

    def __init__(self, hub: Hub, rights: Rights, limits: SocketLimits) -> None:
        self._hub, self._rights, self._limits = hub, rights, limits
        self._by_person: dict[Person, set[Connection]] = {}
        self._waiting_notes: dict[Person, dict[Note, None]] = {}
        self._stop_listening: Callable[[], None] | None = None
        self._rechecking: asyncio.Task[None] | None = None
        self._is_closing = False
        self._left = asyncio.Event()

    def start(self) -> None:
        """Begin to hear notes and to recheck rights."""
        self._stop_listening = self._hub.listen(self._note)
        self._rechecking = asyncio.create_task(self._recheck_regularly(), name="rights-recheck")

    async def close(self) -> None:
        """Disconnect all and hear nothing more."""
        await self.disconnect_all(within=timedelta(0))
        if self._stop_listening is not None:
            self._stop_listening()
        if self._rechecking is not None:
            self._rechecking.cancel()
            await asyncio.gather(self._rechecking, return_exceptions=True)

    async def disconnect_all(self, *, within: timedelta) -> None:
        """The process stops: all clients are to come back to another one, or to its next start.

        One after the other, so that they don't all come at once; returns when they have left, or could have.
        """
        self._is_closing = True
        connections = self._all()
        random.shuffle(connections)
        if connections:
            _logger.info("sockets.disconnected", sockets=len(connections), reason="the process stops")
        for connection in connections:
            connection.disconnect(restarting())
            await asyncio.sleep(min(_BETWEEN_CLOSINGS, within / len(connections)).total_seconds())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.finish_within.total_seconds()):
                while self._by_person:
                    self._left.clear()
                    await self._left.wait()

    @contextmanager
    def registered(self, connection: Connection) -> Iterator[None]:
        """Keep a connection. Raises TooManyConnections."""
        person = (connection.principal.org_id, connection.principal.user_id)
        connections = self._by_person.setdefault(person, set())
        if len(connections) >= self._limits.sockets_per_user:
            raise TooManyConnections(self._limits.sockets_per_user)
        connections.add(connection)
        if self._is_closing:
            connection.disconnect(restarting())
        SOCKETS.inc()
        try:
            yield
        finally:
            SOCKETS.dec()
            connections.discard(connection)
            if not connections:
                self._by_person.pop(person, None)
                self._left.set()

    async def recheck_rights(self) -> None:
        """Read the rights of all anew: who may no longer come in is disconnected, what may not be read is detached."""
        followed = {connection: _followed_on(connection) for connection in self._all()}
        if not followed:
            return
        principals = {connection.principal for connection in followed}
        rights = await self._rights.of_all(principals, {one for on_it in followed.values() for one in on_it})
        for connection, on_it in followed.items():
            closing = _reason_to_close(connection.principal, rights)
            if closing is not None:
                connection.disconnect(closing)
                continue
            for lost in on_it.difference(rights.readable):
                connection.detach_session(lost.session_id)

    def _all(self) -> list[Connection]:
        return [connection for connections in self._by_person.values() for connection in connections]

    def _note(self, note: Note) -> None:
        person = (note.org_id, note.user_id)
        if person not in self._by_person:
            return
        waiting = self._waiting_notes.setdefault(person, {})
        if not waiting:
            pause = self._limits.notes_gathered.total_seconds()
            asyncio.get_running_loop().call_later(pause, self._send_notes, person)
        waiting[note] = None

    def _send_notes(self, person: Person) -> None:
        text = notes_text(list(self._waiting_notes.pop(person)))
        for connection in tuple(self._by_person.get(person, ())):
            connection.send_notes(text)

    async def _recheck_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._limits.rights_recheck.total_seconds())
            with unbroken(_logger, "sockets.rights_not_read", is_expected=is_database_outage):
                await self.recheck_rights()


def _followed_on(connection: Connection) -> set[FollowedSession]:
    reader = connection.principal
    return {FollowedSession(reader.org_id, reader.user_id, session_id) for session_id in connection.followed_sessions}


def _reason_to_close(principal: Principal, rights: RightsOfAll) -> SocketClosing | None:
    current = rights.callers.get(principal)
    if current is None:
        return signed_out()
    try:
        check(current, Permission.SESSIONS_READ)
    except CodaError as error:
        return not_allowed(error.message)
    return None
