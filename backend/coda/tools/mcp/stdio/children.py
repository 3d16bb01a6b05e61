"""The servers of one process: started at first use, ended when nobody has used them for a while."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Final, Literal
from uuid import UUID

from coda.core.clock import now
from coda.tools.mcp.stdio.child import ServerChild
from coda.tools.mcp.stdio.command import Command
from coda.tools.mcp.stdio.errors import ServerElsewhere
from coda.tools.mcp.stdio.log import ServerLog
from coda.tools.mcp.stdio.process import ProcessLimits
from coda.tools.sources.errors import SourceResting
from coda.tools.sources.types import Source

State = Literal["running", "idle", "restarting", "stopped"]
_FREE_DEATHS: Final = 1
_LONGEST_REST: Final = 30.0


@dataclass(slots=True)
class ServerSeat:
    """The place of one source and credential, whether its server runs or not.

    `deaths` in a row, without an answer in between, make the next start wait, until `rests_until`.
    """

    org_id: UUID
    command: Command
    log: ServerLog
    child: ServerChild | None = None
    active: int = 0
    deaths: int = 0
    rests_until: float = 0.0
    since: datetime = field(default_factory=now)
    is_retired: bool = False
    starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    ends_when_idle: asyncio.TimerHandle | None = None

    @property
    def state(self) -> State:
        """How it is now."""
        if self.child is not None and self.child.is_alive:
            return "running" if self.active else "idle"
        return "restarting" if self.rests_until > monotonic() else "stopped"


class Children:
    """One server for each source and credential. `longest`: bytes of a line."""

    def __init__(self, limits: ProcessLimits, *, idle_seconds: float, longest: int) -> None:
        self._limits, self._idle_seconds, self._longest = limits, idle_seconds, longest
        self._seats: dict[UUID, ServerSeat] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def seats(self) -> Mapping[UUID, ServerSeat]:
        """By source."""
        return self._seats

    @asynccontextmanager
    async def child(self, source: Source, *, is_patient: bool = True) -> AsyncIterator[ServerChild]:
        """The server of a source, started where it does not run; raises CommandUnusable, SourceResting.

        `is_patient`: one that keeps dying is left alone for a while.
        """
        seat = self._seat(source)
        seat.active += 1
        if seat.ends_when_idle is not None:
            seat.ends_when_idle.cancel()
        try:
            child = await self._living(seat, is_patient=is_patient)
            try:
                yield child
                seat.deaths = 0
            finally:
                self._look_at(seat, child)
        finally:
            seat.active -= 1
            if not seat.active:
                self._when_idle(seat)

    async def forget(self, source_id: UUID) -> None:
        """End a source's server, whatever it does."""
        seat = self._seats.pop(source_id, None)
        if seat is not None:
            seat.is_retired = True
            if seat.ends_when_idle is not None:
                seat.ends_when_idle.cancel()
            self._end_soon(seat)
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """End all of them."""
        self._is_closed = True
        await asyncio.gather(*(self.forget(source_id) for source_id in list(self._seats)))

    def _seat(self, source: Source) -> ServerSeat:
        command = Command.of(source)
        seat = self._seats.get(source.id)
        if seat is not None and seat.command.digest == command.digest:
            seat.command = command
            return seat
        if seat is not None:
            seat.is_retired = True
            if not seat.active:
                self._end_soon(seat)
        seat = self._seats[source.id] = ServerSeat(source.org_id, command, ServerLog(command.secrets.values()))
        return seat

    async def _living(self, seat: ServerSeat, *, is_patient: bool) -> ServerChild:
        async with seat.starting:
            if seat.child is not None and seat.child.is_alive:
                return seat.child
            rest = seat.rests_until - monotonic()
            if is_patient and rest > 0:
                raise SourceResting(rest)
            if self._is_closed:
                raise ServerElsewhere
            seat.log.note("starting")
            child = await ServerChild.start(seat.command, self._limits, seat.log, longest=self._longest)
            seat.child, seat.since = child, now()
            child.ended.add_done_callback(lambda _: _note_end(seat, child))
            return child

    def _look_at(self, seat: ServerSeat, child: ServerChild) -> None:
        """The next conversation gets a fresh server where this one hangs as a whole."""
        if seat.child is not child:
            return
        if child.is_unfit:
            self._end_soon(seat)
        elif child.is_doubtful:
            self._in_background(self._check(seat, child))

    async def _check(self, seat: ServerSeat, child: ServerChild) -> None:
        if not await child.answers() and seat.child is child:
            self._end_soon(seat)

    def _when_idle(self, seat: ServerSeat) -> None:
        if seat.is_retired:
            self._end_soon(seat)
        elif seat.child is not None:
            loop = asyncio.get_running_loop()
            seat.ends_when_idle = loop.call_later(self._idle_seconds, self._end_soon, seat)

    def _end_soon(self, seat: ServerSeat) -> None:
        """Nobody gets it from here on."""
        child, seat.child = seat.child, None
        if child is not None:
            self._in_background(child.end())

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _note_end(seat: ServerSeat, child: ServerChild) -> None:
    seat.since = now()
    if child.is_dismissed:
        return
    seat.deaths += 1
    if seat.deaths > _FREE_DEATHS:
        seat.rests_until = monotonic() + min(2.0 ** (seat.deaths - _FREE_DEATHS - 1), _LONGEST_REST)
