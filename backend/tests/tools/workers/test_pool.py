"""The pool of worker processes: limits, turns, and that nothing outlives what it worked for."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from coda.tools.errors import ToolFailed, WorkerLost
from coda.tools.workers import WorkerLimits, WorkerPool
from coda.tools.workers.pool import WorkerBroke
from tests.runs.waiting import until_async

EVAL = "builtins:eval"
FOR_EVER = "sum(1 for _ in __import__('itertools').count())"


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    made = WorkerPool(WorkerLimits(2, 512 * 1024**2, 2))
    yield made
    await made.close()


async def evaluate(pool: WorkerPool, code: str, *, caller: str = "ada") -> Any:  # noqa: ANN401 - any JSON value
    return await pool.call(EVAL, code, caller=caller)


async def gone(pid: int) -> None:
    """Wait until a process, child or not, has ended."""

    async def is_gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return _is_zombie(pid)

    await until_async(is_gone)


def _is_zombie(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z"


class TestCalls:
    async def test_one_process_takes_one_call_after_the_other(self, pool: WorkerPool) -> None:
        pids = {await evaluate(pool, "__import__('os').getpid()") for _ in range(3)}

        assert pids == pool.pids

    async def test_many_calls_at_once_start_no_more_processes_than_there_may_be(self, pool: WorkerPool) -> None:
        code = "(__import__('time').sleep(0.01), __import__('os').getpid())[1]"

        pids = await asyncio.gather(*(evaluate(pool, code) for _ in range(40)))

        assert len(set(pids)) == len(pool.pids) == 2

    async def test_they_see_no_environment_and_print_no_answers(
        self, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "canary")

        names = await evaluate(pool, "(print('x' * 100), sorted(__import__('os').environ))[1]")

        assert "OPENAI_API_KEY" not in names

    async def test_a_tools_own_sentence_comes_through_and_the_process_stays(self, pool: WorkerPool) -> None:
        table = "coda.tools.builtin.table_statistics:describe"

        with pytest.raises(ToolFailed, match="There is no table"):
            await pool.call(table, {"table": " "}, caller="ada")
        before = pool.pids
        with pytest.raises(WorkerBroke, match="ZeroDivisionError"):
            await evaluate(pool, "1 / 0")

        assert (await pool.call(table, {"table": "a\n1"}, caller="ada"))["rows"] == 1
        assert pool.pids == before

    async def test_waiting_callers_take_turns(self, pool: WorkerPool) -> None:
        order: list[str] = []

        async def call(name: str) -> None:
            await evaluate(pool, "__import__('time').sleep(0.05)", caller=name[0])
            order.append(name)

        await asyncio.gather(*(call(f"a{number}") for number in range(8)), call("b0"))

        assert "b0" in order[:6]


class TestLimits:
    async def test_too_much_memory_ends_the_call_and_the_next_one_works(self, pool: WorkerPool) -> None:
        with pytest.raises(WorkerLost):
            await evaluate(pool, "len(bytearray(900 * 1024 ** 2))")

        assert await evaluate(pool, "1 + 1") == 2

    async def test_too_much_processor_time_ends_the_call(self, pool: WorkerPool) -> None:
        with pytest.raises(WorkerLost):
            await evaluate(pool, FOR_EVER)

    async def test_time_that_is_spent_is_not_counted_against_the_next_call(self, pool: WorkerPool) -> None:
        clock = "__import__('time').process_time()"
        for seconds in (1, 2, 3, 4):
            used = await evaluate(pool, f"([0 for _ in iter(lambda: {clock} < {seconds}, False)], {clock})[1]")

        assert used >= 4
        assert len(pool.pids) == 1

    async def test_a_process_that_is_killed_is_replaced(self, pool: WorkerPool) -> None:
        await evaluate(pool, "1")
        (pid,) = pool.pids

        os.kill(pid, signal.SIGKILL)
        await gone(pid)
        results = await asyncio.gather(*(evaluate(pool, "2") for _ in range(2)), return_exceptions=True)

        assert any(result == 2 for result in [*results, await evaluate(pool, "2")])
        assert pid not in pool.pids


class TestEnds:
    async def test_a_cancelled_call_kills_its_process(self, pool: WorkerPool) -> None:
        call = asyncio.create_task(evaluate(pool, FOR_EVER))

        async def is_started() -> bool:
            return bool(pool.pids)

        await until_async(is_started)
        (pid,) = pool.pids
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        await gone(pid)
        assert not pool.pids

    async def test_a_closed_pool_leaves_nothing_behind(self, pool: WorkerPool) -> None:
        call = asyncio.create_task(evaluate(pool, "__import__('time').sleep(60)"))
        await evaluate(pool, "1")
        pids = pool.pids

        await pool.close()

        with pytest.raises(WorkerLost):
            await call
        for pid in pids:
            await gone(pid)

    @pytest.mark.parametrize("code", ["1", "__import__('time').sleep(600)", FOR_EVER], ids=["idle", "asleep", "busy"])
    async def test_a_killed_parent_leaves_no_process_behind(self, code: str, tmp_path: Path) -> None:
        program = tmp_path / "parent.py"
        program.write_text(
            "import asyncio, sys\n"
            "from coda.tools.workers import WorkerLimits, WorkerPool\n"
            "async def main():\n"
            "    pool = WorkerPool(WorkerLimits(1, 512 * 1024**2, 60))\n"
            "    await pool.call('builtins:eval', '1', caller='a')\n"
            "    print(*pool.pids, flush=True)\n"
            f"    await pool.call('builtins:eval', {code!r}, caller='a')\n"
            "    await asyncio.Event().wait()\n"
            "asyncio.run(main())\n"
        )
        parent = await asyncio.create_subprocess_exec(sys.executable, str(program), stdout=subprocess.PIPE)
        assert parent.stdout is not None
        pid = int(await parent.stdout.readline())

        parent.kill()
        await parent.wait()

        await gone(pid)
