"""Doing it again while the database is away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from coda.core.db.errors import OUTAGES, is_database_outage

T = TypeVar("T")


async def through_outage(
    action: Callable[[], Awaitable[T]], *, pauses: Iterable[float], note: Callable[[Exception], object]
) -> T:
    """What `action` gives; while the database is away, it is tried again after each pause, in seconds.

    `action` only asks the database. `note` is told of each try that failed; the last one raises what it raises.
    """
    for pause in pauses:
        try:
            return await action()
        except OUTAGES as error:
            if not is_database_outage(error):
                raise
            note(error)
        await asyncio.sleep(pause)
    return await action()
