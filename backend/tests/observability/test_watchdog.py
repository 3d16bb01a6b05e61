"""The watchdog: tells of what keeps the loop, with its stack, and of nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from coda.conversations.titles import title_from
from coda.observability.watchdog import Block, LoopWatchdog, tell
from tests.loop_blocks import is_ours
from tests.runs.waiting import until_async

LONGEST = 0.05  # so that what is done here on purpose is short enough for the watch over all tests


class Watched:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.watchdog = LoopWatchdog(self.blocks.append, longest=LONGEST)

    async def told(self) -> Block:
        async def is_told() -> bool:
            return bool(self.blocks)

        await until_async(is_told)
        return self.blocks[0]


class Asking(LoopWatchdog):
    """Counts how often it has the loop woken."""

    asked = 0

    def _ask(self, loop: asyncio.AbstractEventLoop, ident: int, clock: Callable[[], float]) -> float:
        self.asked += 1
        return super()._ask(loop, ident, clock)


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    made = Watched()
    made.watchdog.start()
    yield made
    made.watchdog.stop()


def keep_the_loop(seconds: float) -> None:
    ends = time.thread_time() + seconds
    while time.thread_time() < ends:
        pass


def keep_the_loop_in_our_code(seconds: float) -> None:
    ends = time.thread_time() + seconds
    while time.thread_time() < ends:
        title_from("word " * 800, "")


class TestWatchdog:
    async def test_tells_how_long_the_loop_was_kept_and_where(self, watched: Watched) -> None:
        await asyncio.sleep(0)
        keep_the_loop(0.18)

        block = await watched.told()

        assert block.seconds >= LONGEST
        assert "keep_the_loop" in [frame.name for frame in block.stack]

    async def test_many_short_turns_are_no_block(self, watched: Watched) -> None:
        for _ in range(60):
            keep_the_loop(0.01)
            await asyncio.sleep(0)

        assert watched.blocks == []

    async def test_a_loop_that_waits_is_no_block(self, watched: Watched) -> None:
        await asyncio.to_thread(keep_the_loop, 0.18)

        assert watched.blocks == []

    async def test_a_loop_with_nothing_to_do_is_not_asked(self) -> None:
        watchdog = Asking(longest=LONGEST)
        watchdog.start()
        await asyncio.sleep(10 * LONGEST)
        watchdog.stop()

        assert watchdog.asked <= 2

    async def test_only_our_own_code_is_held_against_a_test(self, watched: Watched) -> None:
        keep_the_loop(0.18)
        theirs = await watched.told()
        watched.blocks.clear()
        keep_the_loop_in_our_code(0.18)
        ours = await watched.told()

        assert not is_ours(theirs)
        assert is_ours(ours)

    async def test_it_is_logged_and_counted(self, watched: Watched) -> None:
        keep_the_loop(0.18)
        block = await watched.told()
        before = REGISTRY.get_sample_value("coda_event_loop_blocked_total") or 0

        with capture_logs() as logs:
            tell(block)

        assert REGISTRY.get_sample_value("coda_event_loop_blocked_total") == before + 1
        assert logs[0]["event"] == "loop.blocked"
        assert "keep_the_loop" in logs[0]["stack"]
