"""A worker that stands still for longer than its lease and then wakes up: its late words reach nobody."""

import os
import signal
from functools import partial
from uuid import UUID

import asyncpg

from tests.chaos.audit import assert_nothing_lost, driver_of, everything
from tests.chaos.client import Client
from tests.chaos.cluster import Cluster, until

LONG = "Write a long text about rivers"
_FENCE = "select fence from run_queue where run_id = $1"


async def is_taken_over(database: asyncpg.Connection, run_id: str) -> bool:
    return bool(await database.fetchval(_FENCE, UUID(run_id)) != 1)


async def test_two_workers_on_one_run_make_one_answer(site: Cluster, client: Client) -> None:
    session_id = await client.new_session()
    asked = await client.ask(session_id, LONG)
    await until(lambda: asked.has("TEXT_MESSAGE_CONTENT"))
    pid = await driver_of(site, asked)
    async with everything(site) as database:
        os.kill(pid, signal.SIGSTOP)
        try:
            await until(partial(is_taken_over, database, asked.run_id))
        finally:
            os.kill(pid, signal.SIGCONT)
    later = await client.ask(session_id, "Hello")
    await until(lambda: asked.ended.is_set() and later.ended.is_set())

    assert asked.state.status == later.state.status == "complete"
    await assert_nothing_lost(site, client)
