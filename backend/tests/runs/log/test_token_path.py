"""What every token goes through does nothing that is slow or done twice."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

import pytest
import uvloop

from coda.cli.start_up import run
from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.settings import RunSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.openai_chunks import ChunkReader
from coda.runs.execution.output.answer import Answer
from coda.runs.execution.output.bounded import BoundedAnswer
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
TOKENS, MOST_CALLS = 200, 19
NOT_LOADED = ("redis", "litellm", "PIL", "puremagic")
"""What takes memory and time in every server, and is needed where there is a Redis, or with the first file."""
LOOK_AT_SETTINGS = """
import asyncio
from coda.cli.start_up import check_start
from coda.core.settings import Settings
asyncio.run(check_start(Settings.model_validate({})))
"""


@contextmanager
def counting_calls() -> Iterator[list[str]]:
    """The Python functions that are called: what costs time, and is the same on every machine."""
    calls: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            calls.append(frame.f_code.co_qualname)

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def modules_after(*imported: str, then: str = "") -> set[str]:
    """The packages that a fresh process has loaded after these imports, and what it did `then`."""
    code = f"import sys, {', '.join(imported)}\n{then}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
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
            await hub.subscribe(log.key.run, mailbox)

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


class TestCalls:
    async def test_a_token_takes_few_calls_from_its_chunk_to_the_log(self, database: Database) -> None:
        writer = LogWriter(database.system_engine, MemoryHub(), flush_interval=timedelta(hours=1))
        control = StreamControl(grace=timedelta(seconds=30))
        control.bind(await open_log(database, writer, org_id=new_id()))
        answer = BoundedAnswer(Answer(new_id(), control), RunSettings())
        reader = ChunkReader(Endpoint("http://127.0.0.1/v1/chat/completions"))

        def take(number: int) -> None:
            for delta in reader.feed(b'data: {"choices":[{"delta":{"content":"word%d "}}]}\n\n' % number):
                answer.text(delta.text)

        for number in range(3):
            take(number)
        with counting_calls() as calls:
            for number in range(TOKENS):
                take(number)

        assert len(calls) / TOKENS <= MOST_CALLS, Counter(calls)


class TestImports:
    def test_the_way_of_a_token_knows_no_pydantic(self) -> None:
        assert "pydantic" not in modules_after(*HOT)

    def test_a_server_loads_no_client_and_no_decoder_that_it_does_not_need(self) -> None:
        loaded = modules_after("coda.main", "coda.operations.doctor", then=LOOK_AT_SETTINGS)

        assert loaded.isdisjoint(NOT_LOADED), loaded.intersection(NOT_LOADED)


class TestLoop:
    def test_commands_run_on_uvloop(self) -> None:
        async def loop() -> str:
            import asyncio

            return type(asyncio.get_running_loop()).__module__

        assert run(loop()) == uvloop.Loop.__module__
