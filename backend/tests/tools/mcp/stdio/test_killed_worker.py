"""A worker that is killed takes its servers along, and all that these have started."""

import asyncio
import os
import signal
import sys

import orjson
import pytest

from tests.tools.mcp.stdio.conftest import HERE, gone, is_running


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
async def test_nothing_is_left_of_a_killed_worker() -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, str(HERE / "worker_process.py"), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    pids = orjson.loads(await asyncio.wait_for(worker.stdout.readline(), 30))
    assert len(pids) == 4
    assert all(is_running(pid) for pid in pids)
    os.kill(worker.pid, signal.SIGKILL)
    await worker.wait()

    assert await gone(*pids, within=5)
