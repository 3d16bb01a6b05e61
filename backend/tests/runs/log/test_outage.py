"""The database goes away under the log writer: nothing is lost, nothing doubled, the order stays."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coda.core.db import Database
from coda.core.db.migrations import migrate
from coda.core.ids import new_id
from coda.core.postgres import EmbeddedPostgres
from coda.runs.log import LogWriter, RunLog
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.memory import MemoryHub
from tests.runs.claims import open_log, stored

TEXT = "TEXT_MESSAGE_CONTENT"
_KILL = text("""
    select pg_terminate_backend(pid) from pg_stat_activity
     where usename = 'coda_system' and datname = current_database() and pid <> pg_backend_pid()
""")


@pytest.fixture
def org_id() -> UUID:
    return new_id()


@pytest.fixture
async def writer(fresh_database: Database) -> AsyncIterator[LogWriter]:
    made = LogWriter(fresh_database.system_engine, MemoryHub(), flush_interval=timedelta(milliseconds=5))
    made.start()
    yield made
    await made.close()


async def speak(log: RunLog, words: int) -> None:
    """One model's answer, read with back-pressure."""
    for word in range(words):
        await log.ready()
        log.append_delta(TEXT, "m.1", f"{word} ")
        await asyncio.sleep(0.002)
    await log.drained()


def said(frames: list[str]) -> str:
    return "".join(orjson.loads(frame)["delta"] for frame in frames)


class TestConnectionsKilled:
    async def test_every_word_is_stored_and_sent_once(
        self, fresh_database: Database, writer: LogWriter, org_id: UUID
    ) -> None:
        logs = [await open_log(fresh_database, writer, org_id=org_id) for _ in range(8)]
        mailboxes = [Mailbox(limit=100_000) for _ in logs]
        for log, mailbox in zip(logs, mailboxes, strict=True):
            await writer.hub.subscribe(log.key.run, mailbox)
        speaking = asyncio.gather(*(speak(log, 300) for log in logs))

        kills = 0
        while not speaking.done():
            with contextlib.suppress(DBAPIError, OSError):
                async with fresh_database.system() as connection:
                    kills += len((await connection.execute(_KILL)).all())
            await asyncio.sleep(0.03)
        await speaking

        assert kills
        whole = "".join(f"{word} " for word in range(300))
        for log, mailbox in zip(logs, mailboxes, strict=True):
            rows = await stored(fresh_database, log.key.run_id)
            assert [seq for seq, _, _ in rows] == list(range(1, len(rows) + 1))
            assert said([frame for _, _, frame in rows]) == whole
            sent = [frame.text for _, frames in await mailbox.take() for frame in frames]
            assert said(sent) == whole


class TestServerStopped:
    async def test_the_run_waits_and_goes_on(self, scratch: Path, org_id: UUID) -> None:
        server = EmbeddedPostgres(scratch / "stopped", durable=True)
        urls = await server.start()
        database = Database(urls)
        try:
            await migrate(urls)
            writer = LogWriter(database.system_engine, MemoryHub(), flush_interval=timedelta(milliseconds=5))
            writer.start()
            log = await open_log(database, writer, org_id=org_id)
            log.append_delta(TEXT, "m.1", "before ")
            await log.drained()

            await server.stop()
            log.append_delta(TEXT, "m.1", "during ")
            waiting = asyncio.create_task(log.drained())
            await server.start()
            log.append_delta(TEXT, "m.1", "after")
            await waiting
            await log.drained()

            rows = await stored(database, log.key.run_id)
            assert said([frame for _, _, frame in rows]) == "before during after"
            await writer.close()
        finally:
            await database.close()
            await server.stop()
