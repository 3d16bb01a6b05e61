"""The gate: so many at once, by turns, and nothing is lost when somebody goes away."""

import asyncio

import pytest

from coda.core.fair_gate import FairGate, GateFull


class Visitors:
    """Tasks that stay inside until they are told to leave."""

    def __init__(self, gate: FairGate) -> None:
        self.gate = gate
        self.entered: list[str] = []
        self.leave: dict[str, asyncio.Event] = {}

    async def come(self, name: str, key: str) -> "asyncio.Task[None]":
        self.leave[name] = asyncio.Event()
        task = asyncio.create_task(self._visit(name, key))
        await asyncio.sleep(0)
        return task

    async def _visit(self, name: str, key: str) -> None:
        async with self.gate.place(key):
            self.entered.append(name)
            await self.leave[name].wait()


async def leave(visitors: Visitors, name: str, task: "asyncio.Task[None]") -> None:
    visitors.leave[name].set()
    await task
    await asyncio.sleep(0)


class TestFairGate:
    async def test_waiting_keys_take_turns(self) -> None:
        visitors = Visitors(FairGate(1))
        names = ("a1", "a2", "a3", "b1", "a4", "b2")
        tasks = {name: await visitors.come(name, name[0]) for name in names}

        for _ in names:
            await leave(visitors, visitors.entered[-1], tasks[visitors.entered[-1]])

        assert visitors.entered == ["a1", "a2", "b1", "a3", "b2", "a4"]

    async def test_more_than_may_wait_are_refused(self) -> None:
        visitors = Visitors(FairGate(1, most_waiting=1))
        first, second = await visitors.come("a", "a"), await visitors.come("b", "b")

        with pytest.raises(GateFull):
            await visitors.gate.place("c").__aenter__()

        await leave(visitors, "a", first)
        await leave(visitors, "b", second)

    @pytest.mark.parametrize("let_in", [False, True], ids=["while it waits", "as it is let in"])
    async def test_who_goes_away_leaves_the_place_to_the_next(self, let_in: bool) -> None:
        visitors = Visitors(FairGate(1))
        first, second, third = [await visitors.come(name, name) for name in "abc"]

        if let_in:
            visitors.leave["a"].set()
            await asyncio.sleep(0)
        second.cancel()
        visitors.leave["a"].set()
        await asyncio.gather(first, second, return_exceptions=True)
        await leave(visitors, "c", third)

        assert visitors.entered == ["a", "c"]
        assert visitors.gate.waiting == 0

    async def test_who_goes_away_just_before_a_place_is_free_takes_none_with_them(self) -> None:
        gate = FairGate(1)
        first = gate.place("a")
        await first.__aenter__()
        second = asyncio.create_task(gate.place("b").__aenter__())
        await asyncio.sleep(0)

        second.cancel()
        await first.__aexit__(None, None, None)
        await asyncio.gather(second, return_exceptions=True)

        async with asyncio.timeout(5), gate.place("c"):
            assert gate.waiting == 0
