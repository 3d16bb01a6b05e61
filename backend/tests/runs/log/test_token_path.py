"""What every token goes through does nothing that is slow or done twice."""

import subprocess
import sys
from datetime import timedelta

import pytest
import uvloop

from coda.cli.start_up import run
from coda.core.db import Database
from coda.core.ids import new_id
from coda.runs.execution.output.stream_control import StreamControl
from coda.runs.log import LogWriter
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.stream.hub.memory import MemoryHub
from tests.runs.claims import open_log

HOT = (
    "coda.runs.execution.output.answer",
    "coda.runs.stream.events",
    "coda.runs.log",
    "coda.runs.stream.follower",
    "coda.runs.stream.hub.mailbox",
    "coda.runs.stream.hub.memory",
    "coda.runs.stream.hub.watchers",
)
NOT_LOADED = ("redis", "litellm")


def modules_after(*imported: str) -> set[str]:
    """The packages that a fresh process has loaded after these imports."""
    code = f"import sys, {', '.join(imported)}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    return set(ended.stdout.split())


class TestSerialisation:
    async def test_all_watchers_get_one_and_the_same_text(self, database: Database) -> None:
        hub = MemoryHub()
        writer = LogWriter(database.system_engine, hub, flush_interval=timedelta(milliseconds=5))
        writer.start()
        log = await open_log(database, writer, org_id=new_id())
        mailboxes = [Mailbox() for _ in range(3)]
        for mailbox in mailboxes:
            await hub.subscribe(log.key.run_id, mailbox)

        log.append_delta("TEXT_MESSAGE_CONTENT", "m.1", "Hello")
        await log.drained()
        taken = [await mailbox.take() for mailbox in mailboxes]
        await writer.close()

        texts = {id(frame.text) for deliveries in taken for _, frames in deliveries for frame in frames}
        assert len(texts) == 1


class TestWaiting:
    async def test_a_token_waits_for_nothing_while_there_is_room(self, database: Database) -> None:
        writer = LogWriter(database.system_engine, MemoryHub(), flush_interval=timedelta(hours=1))
        control = StreamControl(grace=timedelta(seconds=30))
        control.bind(await open_log(database, writer, org_id=new_id()))

        control.append_delta("TEXT_MESSAGE_CONTENT", "m.1", "Hello")

        with pytest.raises(StopIteration):  # it came to its end without once giving control away
            control.ready().send(None)


class TestImports:
    def test_the_way_of_a_token_knows_no_pydantic(self) -> None:
        assert "pydantic" not in modules_after(*HOT)

    def test_a_server_without_redis_does_not_load_its_client(self) -> None:
        assert modules_after("coda.main").isdisjoint(NOT_LOADED)


class TestLoop:
    def test_commands_run_on_uvloop(self) -> None:
        async def loop() -> str:
            import asyncio

            return type(asyncio.get_running_loop()).__module__

        assert run(loop()) == uvloop.Loop.__module__
