"""Clean-up: what may go, goes, in small steps, in one process at a time."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError

from coda.core.db import Database
from coda.operations.repository import InstanceRepository, SystemRepository

log = structlog.get_logger(__name__)

_INTERVAL: Final = timedelta(seconds=30)
_DELETED_SESSIONS_KEPT: Final = timedelta(days=30)


class CleanUp:
    """Removes single events of old runs, expired tickets and tokens, and releases forgotten reservations."""

    def __init__(self, database: Database, *, events_kept: timedelta) -> None:
        self._database, self._events_kept = database, events_kept

    async def run_forever(self) -> None:
        """Clean every half minute until cancelled; a database that is away is tried again later."""
        while True:
            try:
                await self.run_once()
            except (DBAPIError, OSError) as error:
                log.warning("clean_up.failed", error=type(error).__name__)
            await asyncio.sleep(_INTERVAL.total_seconds())

    async def run_once(self) -> dict[str, int]:
        """Clean now; gives what was done, empty when another process is at it."""
        async with self._database.system() as connection:
            system = SystemRepository(connection)
            if not await system.is_only_cleaner():
                return {}
            done = {
                "events": await system.remove_run_events(kept=self._events_kept),
                "reservations": await system.release_reservations(),
                "sessions": await system.remove_deleted_sessions(kept=_DELETED_SESSIONS_KEPT),
            }
            async with self._database.transaction(None) as db:
                done["expired"] = await InstanceRepository(db).remove_expired()
        if any(done.values()):
            log.debug("clean_up.done", **done)
        return done
