"""Ids come from clients: two organizations with the same ones know nothing of each other."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.conversations.models import ChatSession
from coda.conversations.parts import text_of
from coda.core.db import Database, DatabaseUrls
from coda.core.ids import new_id
from coda.core.settings import Settings
from coda.runs.queue.commands import RunCommand
from coda.runs.queue.run_queue import RunQueue
from coda.runs.types import RunKey
from tests.contract.rules import assert_ordered
from tests.runs.claims import stage_run
from tests.runs.conftest import Person, new_person
from tests.runs.site import Site, served


@pytest.fixture(params=["memory", "redis"])
async def process(
    settings: Settings, database_urls: DatabaseUrls, request: pytest.FixtureRequest
) -> AsyncIterator[Process]:
    """One whose streams go through memory, or through Redis."""
    redis_url = SecretStr(request.getfixturevalue("redis_url")) if request.param == "redis" else None
    async with assemble(settings.model_copy(update={"redis_url": redis_url}), database_urls) as running:
        yield running


@pytest.fixture
async def site(process: Process) -> AsyncIterator[Site]:
    async with served(process) as made:
        yield made


async def open_session(person: Person, session_id: UUID) -> None:
    async with person.database.transaction(person.scope) as db:
        db.add(ChatSession(org_id=person.scope.org_id, id=session_id, owner_id=person.principal.user_id))


class TestAtOnce:
    async def test_each_gets_its_own_answer(self, site: Site, process: Process) -> None:
        ids = {"session_id": new_id(), "run_id": new_id()}
        message_id = new_id()
        expressions = {"2 + 3": "5", "40 + 4": "44", "600 + 6": "606"}

        async def ask(expression: str) -> tuple[list[dict[str, Any]], str]:
            person = await new_person(process.database)
            await open_session(person, ids["session_id"])
            async with site.line(person) as line:
                message = {"id": message_id, "content": f"What is {expression}?"}
                ack = await line.ask("start", **ids, message=message, model="demo/coda")
                stream = await line.until_end(ack["run"]["id"])
            answer = await person.message(UUID(ack["assistant"]["id"]))
            return stream, text_of(answer.content)

        answers = await asyncio.gather(*map(ask, expressions))

        for (stream, said), result in zip(answers, expressions.values(), strict=True):
            assert_ordered(stream, after=0, ended=True)
            assert result in said
            streamed = "".join(event["delta"] for event in stream if event["type"] == "TEXT_MESSAGE_CONTENT")
            assert said == streamed


class TestQueue:
    async def test_commands_and_fences_are_for_one_of_them(self, database: Database) -> None:
        mine = await stage_run(await new_person(database))
        theirs = RunKey(new_id(), mine.id)
        async with database.transaction(None) as db:
            statement = (
                "insert into run_queue (run_id, org_id, user_id, state, fence)"
                " values (:run_id, :org_id, :org_id, 'running', 7)"
            )
            await db.execute(text(statement), theirs._asdict())

        async with database.transaction(None) as db:
            queue = RunQueue(db)
            await queue.send_command(theirs, RunCommand.CANCEL)
            assert await queue.find_command(mine.key) is None
            assert await queue.find_command(theirs) is RunCommand.CANCEL
            await queue.release(theirs, fence=7)
            assert (await queue.lock(theirs)) is not None
            assert not await queue.complete(mine.key, fence=7)
            assert await queue.complete(theirs, fence=7)
            assert await queue.lock(mine.key) is not None
