"""A run that kills its process: it does not come first again, is given up after its tries, and the others finish."""

import asyncio
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import orjson

from coda.assembly import assemble
from coda.core.db import Database
from coda.core.settings import Settings
from tests.runs.conftest import Person, new_person
from tests.runs.control import over, start

BACKEND = Path(__file__).parents[3]


async def begin_process(database: Database, settings: Settings) -> asyncio.subprocess.Process:
    urls, given = orjson.dumps(asdict(database.urls)).decode(), settings.model_dump_json()
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.runs.worker.poisoned_process", urls, given,
        cwd=BACKEND, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


async def end(process: asyncio.subprocess.Process) -> int:
    assert process.stdin is not None
    process.stdin.close()
    return await process.wait()


async def statuses(person: Person, run_ids: list[UUID]) -> list[str]:
    return [(await person.run(run_id)).status for run_id in run_ids]


async def test_is_given_up_after_its_tries_and_the_others_finish(fresh_database: Database, settings: Settings) -> None:
    async with assemble(settings, fresh_database.urls, works=False) as process:
        person = await new_person(fresh_database)
        others = [await start(process, person, f"What is {number} + 1?") for number in range(3)]
        poisoned = await start(process, person, "What is 666 + 1?")
        others += [await start(process, person, f"What is {number} + 2?") for number in range(3)]

    deaths = []
    for _ in range(3):
        worker = await begin_process(fresh_database, settings)
        deaths.append(await worker.wait())
        assert (await person.run(poisoned)).status == "running"
    worker = await begin_process(fresh_database, settings)
    run = await over(person, poisoned)
    for run_id in others:
        await over(person, run_id)

    assert deaths == [-signal.SIGKILL] * 3
    assert run.status == "failed"
    assert run.error is not None
    assert run.error["code"] == "runs.attempts_exhausted"
    assert await statuses(person, others) == ["finished"] * 6
    assert (await person.message(run.message_id)).status == "failed"
    assert await end(worker) == 0
