"""Tells all processes how the servers of this one are, and what they have written: the page is shown elsewhere."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from uuid import UUID

import orjson
import structlog

from coda.core.db import Database, is_database_outage
from coda.core.ids import new_id
from coda.core.scope import Scope, System
from coda.core.tasks import unbroken
from coda.tools.mcp.stdio.children import Children, ServerSeat
from coda.tools.sources.started.repository import ProcessRepository

_LOOK_EVERY: Final = 1.0
_LINES_EVERY: Final = 3.0
"""Seconds: a server may write without end."""
_TELL_EVERY: Final = 20.0
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ServerReports:
    """Stores what has changed: a state within a second or two, lines within some more."""

    database: Database
    children: Children
    _worker_id: UUID = field(default_factory=new_id)
    _told: dict[UUID, tuple[str, int, float]] = field(default_factory=dict)
    _task: "asyncio.Task[None] | None" = None

    def start(self) -> None:
        """Begin to tell, in the background."""
        self._task = asyncio.create_task(self._tell_forever(), name="server reports")

    async def stop(self) -> None:
        """Tell nothing more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def tell(self) -> None:
        """Store how all servers are; one whose source is gone or switched off is ended."""
        for source_id, seat in list(self.children.seats.items()):
            if self._is_news(source_id, seat):
                state, version = seat.state, seat.log.version
                if not await self._store(source_id, seat, state) and not seat.active:
                    await self.children.forget(source_id)
                self._told[source_id] = (state, version, monotonic())
        for source_id in self._told.keys() - self.children.seats.keys():
            del self._told[source_id]

    async def _tell_forever(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            with unbroken(log, "tools.servers_untold", is_expected=is_database_outage):
                await self.tell()

    def _is_news(self, source_id: UUID, seat: ServerSeat) -> bool:
        state, version, at = self._told.get(source_id, ("", -1, 0.0))
        silent = monotonic() - at
        has_lines = version != seat.log.version and silent > _LINES_EVERY
        return state != seat.state or has_lines or silent > _TELL_EVERY

    async def _store(self, source_id: UUID, seat: ServerSeat, state: str) -> bool:
        scope = Scope(seat.org_id, System())
        lines = orjson.dumps([{"at": line.at, "text": line.text} for line in seat.log.lines]).decode()
        async with self.database.transaction(scope) as db:
            return await ProcessRepository(db, scope).report(source_id, self._worker_id, state=state, lines=lines)
