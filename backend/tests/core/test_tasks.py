"""Tasks that nobody awaits."""

import asyncio
import gc
import weakref

from coda.core.tasks import BackgroundTasks


class TestBackgroundTasks:
    async def test_they_are_held_until_they_end(self) -> None:
        tasks, may_end, ended = BackgroundTasks(), asyncio.Event(), asyncio.Event()

        async def work() -> None:
            await may_end.wait()
            ended.set()

        begun = weakref.ref(tasks.start(work()))
        await asyncio.sleep(0)
        gc.collect()
        assert begun() is not None
        may_end.set()
        await ended.wait()
        await asyncio.sleep(0)
        gc.collect()

        assert begun() is None

    async def test_at_the_end_what_is_not_over_soon_is_cancelled(self) -> None:
        """Whatever they raise, and however many end while they are cancelled."""
        tasks, cut = BackgroundTasks(), []

        async def fails() -> None:
            raise ValueError

        async def hangs(number: int) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                cut.append(number)

        tasks.start(fails())
        for number in range(5):
            tasks.start(hangs(number))
        await tasks.end(within=0.01)

        assert sorted(cut) == list(range(5))
