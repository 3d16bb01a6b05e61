"""Waiting in tests: for a condition, with a bound, never for a length of time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import text

from coda.access.principal import Principal
from coda.core.db import Database
from coda.runs.connections.registry import ConnectionRegistry

LONGEST = 60.0
_POLL = 0.005
_BLOCKED = text("""
    select exists (select from pg_locks join pg_stat_activity using (pid)
                    where not granted and datname = current_database())
""")


async def until(condition: Callable[[], bool], *, within: float = LONGEST) -> None:
    """Return once the condition holds; fails after `within` seconds."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110 - any condition, not only an event of ours
            await asyncio.sleep(_POLL)


async def until_async(condition: Callable[[], Awaitable[bool]], *, within: float = LONGEST) -> None:
    """The same for a condition that must be asked for."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 - see above
            await asyncio.sleep(_POLL)


async def until_blocked(database: Database) -> None:
    """Return once a statement waits for somebody's lock."""

    async def is_blocked() -> bool:
        async with database.system() as connection:
            return bool((await connection.execute(_BLOCKED)).scalar_one())

    await until_async(is_blocked)


async def database_time(database: Database) -> datetime:
    """Now, by the clock that stored times are from: a promise is measured from here to one of those, not by waiting."""
    async with database.system() as connection:
        now: datetime = (await connection.execute(text("select clock_timestamp()"))).scalar_one()
    return now


def open_connections(registry: ConnectionRegistry, principal: Principal) -> int:
    """How many connections somebody has in their organization."""
    return len(registry._by_person.get((principal.org_id, principal.user_id), ()))
