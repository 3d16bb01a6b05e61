"""Each process of an installation is replaced in turn while people ask and read: nothing is lost, nobody has to wait.

Leases are longer than the test, so a run that is not handed over would be stuck.
"""

import asyncio
import itertools
import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.chaos.audit import audit, driver_of, is_quiet, workers_of
from tests.chaos.client import Client
from tests.chaos.cluster import Cluster, Member, cluster, until

PEOPLE = 4
LONG = "Write a long text about rivers"
STOPPED_WITHIN = 40.0


@pytest.fixture
async def site() -> AsyncIterator[Cluster]:
    """Two servers, two workers."""
    folder = Path(tempfile.mkdtemp(prefix="coda-rolling-"))
    settings = {
        "CODA_RUNS__LEASE": "600",
        "CODA_SHUTDOWN__DELAY": "0.3",
        "CODA_SHUTDOWN__GRACE": "0.5",
        "CODA_LLM__DEMO_TOKENS_PER_SECOND": "80",
    }
    async with cluster(folder, settings, servers=2, workers=2) as made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_rolling_restart_under_load_loses_nothing(site: Cluster) -> None:
    over = asyncio.Event()
    numbers = itertools.count(1001)
    async with AsyncExitStack() as stack:
        people = [await stack.enter_async_context(Client(site.addresses, site.key, seed=n)) for n in range(PEOPLE)]
        chatting = [asyncio.create_task(chat(person, numbers, over)) for person in people]
        calling = asyncio.create_task(call(site, over))
        await until(lambda: all(person.watched for person in people))

        for member in site.servers:
            await replace(site, member)
        told = await people[0].ask(await people[0].new_session(), LONG)
        await until(lambda: told.has("TEXT_MESSAGE_CONTENT"))
        driver = await driver_of(site, told)
        for member in sorted(site.workers, key=lambda worker: worker.pid != driver):
            await replace(site, member)

        over.set()
        await asyncio.gather(*chatting)
        await until(told.ended.is_set)
        answers = await calling
        await until(lambda: is_quiet(site))
        found = await audit(site, people)

    assert found.is_clean, found
    assert await workers_of(site, told) > 1
    assert {watched.state.status for person in people for watched in person.watched.values()} == {"complete"}
    assert all(person.breaks for person in people)
    assert answers[200]
    assert {status for status in answers if status >= 500} <= {503}
    assert site.complaints() == []


async def replace(site: Cluster, member: Member) -> None:
    """Stop a process as a supervisor does, and start the next one in its place."""
    os.kill(member.pid, signal.SIGTERM)
    await until(lambda: not member.is_alive, within=STOPPED_WITHIN)
    await site.bear(member)
    await site.ready(member)


async def chat(person: Client, numbers: Iterator[int], over: asyncio.Event) -> None:
    """Ask one thing after the other."""
    session_id = await person.new_session()
    while not over.is_set():
        asked = await person.ask(session_id, f"What is 17.5 % of {next(numbers)}?")
        async with asyncio.timeout(60):
            await asked.ended.wait()


async def call(site: Cluster, over: asyncio.Event) -> Counter[int]:
    """Use the interface without pause; a server that is not there is tried again. Gives how often which status came."""
    answers: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {site.key}"}
    async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as client:
        while not over.is_set():
            try:
                address = random.choice(site.addresses())  # noqa: S311 - as a balancer does
                answers[(await client.get(f"http://{address}/api/v1/sessions")).status_code] += 1
            except httpx.TransportError:
                await asyncio.sleep(0.05)
    return answers
