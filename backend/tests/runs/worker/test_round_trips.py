"""How often a run asks the database before it asks the model: each round trip is time that the reader waits."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from coda.assembly import Process
from coda.core.db import Database
from coda.core.ids import new_id
from coda.runs.stream.hub.frame import Frame
from coda.runs.stream.hub.mailbox import Mailbox
from coda.runs.types import RunKey
from coda.tools.types import Level
from tests.runs.conftest import Ask, Person, ended
from tests.runs.switches import switch

UNTIL_FIRST_WORD = 12
UNTIL_THE_END = 50
QUESTION = "What is 17.5 % of 2,340?"
BACKGROUND = (
    "with people as",
    "select org_id, run_id, fence, command",
    "update run_queue q set lease_until",
    "insert into workers",
    "WITH -- No entrypoint",
    "SELECT COUNT(*) AS queued_work",
    "SELECT execute_after",
    "SELECT current_setting",
    "SELECT EXISTS ( SELECT 1 FROM pg_indexes",
    "WITH RECURSIVE typeinfo_tree",
)


@contextmanager
def round_trips(database: Database) -> Iterator[list[str]]:
    """What is sent to Postgres by the application's role: statements, BEGIN and COMMIT alike."""
    seen: list[str] = []
    engine = database.app_engine.sync_engine

    def statement(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
        seen.append(" ".join(sql.split())[:60])

    def begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            seen.append("BEGIN")

    def commit(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's hook
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            seen.append("COMMIT")

    hooks = (("before_cursor_execute", statement), ("begin", begin), ("commit", commit))
    for name, hook in hooks:
        event.listen(engine, name, hook)
    try:
        yield seen
    finally:
        for name, hook in hooks:
            event.remove(engine, name, hook)


class Snapshot(Mailbox):
    """Notes how much was sent to Postgres when the first words of the model came by."""

    def __init__(self, sent: list[str]) -> None:
        super().__init__()
        self._sent = sent
        self.until_first_word: list[str] | None = None
        self.has_ended = asyncio.Event()

    def put(self, run_id: UUID, frames: Sequence[Frame]) -> None:
        for frame in frames:
            if "REASONING_MESSAGE_CONTENT" in frame.text and self.until_first_word is None:
                self.until_first_word = list(self._sent)
            if "RUN_FINISHED" in frame.text:
                self.has_ended.set()


class TestRoundTrips:
    @pytest.mark.parametrize("has_policies", [False, True])
    async def test_are_few_in_an_answer_with_a_tool_call(
        self, process: Process, person: Person, ask: Ask, has_policies: bool
    ) -> None:
        session_id, run_id = await person.new_session(), new_id()
        if has_policies:
            for level, approval in ((Level.ORGANIZATION, "ask"), (Level.PERSON, "ask"), (Level.SESSION, "never")):
                await switch(process, person, "calculator", level=level, session_id=session_id, approval=approval)
        await ended(person, await ask(await person.new_session(), "Hello", model="demo/coda"))

        with round_trips(process.database) as sent:
            snapshot = Snapshot(sent)
            await process.hub.subscribe(RunKey(person.scope.org_id, run_id), snapshot)
            await ask(session_id, QUESTION, model="demo/coda", run_id=run_id)
            async with asyncio.timeout(60):
                await snapshot.has_ended.wait()

        assert snapshot.until_first_word is not None
        first = _without_background(snapshot.until_first_word)
        assert len(first) <= UNTIL_FIRST_WORD, "\n".join(first)
        everything = _without_background(sent)
        assert len(everything) <= UNTIL_THE_END, "\n".join(everything)


class TestTexts:
    async def test_what_an_answer_before_has_stored_is_not_sent_again(
        self, process: Process, person: Person, ask: Ask
    ) -> None:
        sends_texts = []
        for _ in range(2):
            with round_trips(process.database) as sent:
                await ended(person, await ask(await person.new_session(), "Hello", model="demo/coda"))
            sends_texts.append(any(sql.startswith("with given as") for sql in sent))

        assert sends_texts == [True, False]


def _without_background(sent: Sequence[str]) -> list[str]:
    return [sql for sql in sent if not sql.startswith(BACKGROUND)]
