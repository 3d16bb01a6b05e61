"""Work that shares the event loop, and a stream that comes slowly, which needs no sharing."""

import asyncio

from coda.core.tasks import Breather


async def breaths(breather: Breather, pieces: int) -> int:
    taken = 0
    for _ in range(pieces):
        if breather.is_due:
            await breather.take()
            taken += 1
    return taken


async def test_what_keeps_the_loop_lets_others_work() -> None:
    others = 0

    async def other() -> None:
        nonlocal others
        while True:
            others += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    taken = await breaths(Breather(every=0.0005), 100_000)
    task.cancel()

    assert taken > 2
    assert others >= taken


async def test_a_stream_that_is_waited_for_is_hardly_interrupted() -> None:
    always_due = Breather(every=0)

    assert await breaths(always_due, 80) == 10
