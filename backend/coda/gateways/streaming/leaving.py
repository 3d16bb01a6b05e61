"""Notices that a client has left while it is still being answered."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.types import Receive

T = TypeVar("T")


async def client_left(receive: Receive) -> None:
    """Return once the client is gone. The request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def unless_left(receive: Receive, work: Coroutine[Any, Any, T]) -> T | None:
    """The result of some work, which is cancelled when the client leaves; None then."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(client_left(receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        await end_tasks(working, leaving)


async def end_tasks(*tasks: asyncio.Task[Any]) -> None:
    """Cancel what still works, and return when it is over."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
