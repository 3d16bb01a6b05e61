"""Titles by the chat's own model: asked for once, paid for, and never in a person's way."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.conversations.models import ChatSession
from coda.core.db import DatabaseUrls
from coda.core.jobs import Job
from coda.core.settings import Settings
from coda.llm.errors import ProviderUnavailable
from coda.runs.service.titles import TitleWriter
from tests.runs.conftest import Ask, Person, ended
from tests.runs.waiting import until_async
from tests.simulators.faults import FaultServer
from tests.simulators.fixtures import module_faults

__all__ = ["module_faults"]

WRITTEN = "One two three four five"
QUESTION = "Count to five, please. Slowly."
FIRST_SENTENCE = "Count to five, please"


@pytest.fixture(scope="module")
async def process(
    settings: Settings, database_urls: DatabaseUrls, module_faults: FaultServer
) -> AsyncIterator[Process]:
    """A process that asks a simulated provider for answers and titles."""
    changes = {
        "openai_api_key": SecretStr("sk-simulated"),
        "openai_base_url": f"{module_faults.url}/v1",
        "runs": settings.runs.model_copy(update={"model_titles": True}),
    }
    async with assemble(settings.model_copy(update=changes), database_urls) as running:
        yield running


async def chat(person: Person, session_id: UUID) -> ChatSession:
    async with person.database.transaction(person.scope) as db:
        return await db.get_one(ChatSession, (person.scope.org_id, session_id))


async def jobs_left(person: Person) -> int:
    async with person.database.transaction(None) as db:
        return int(await db.scalar(text("select count(*) from jobs where entrypoint = 'title'")) or 0)


async def no_job_left(person: Person) -> None:
    async def is_empty() -> bool:
        return await jobs_left(person) == 0

    await until_async(is_empty, within=60)


async def ledger(person: Person, purpose: str) -> int:
    async with person.database.transaction(person.scope) as db:
        count = text("select count(*) from ledger_entries where purpose = :purpose")
        return int(await db.scalar(count, {"purpose": purpose}) or 0)


class TestAfterTheFirstAnswer:
    async def test_the_model_names_the_chat(self, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()

        await ended(person, await ask(session_id, QUESTION, model="openai/ok"))
        await no_job_left(person)

        named = await chat(person, session_id)
        assert (named.title, named.title_source) == (WRITTEN, "generated")
        assert (await ledger(person, "answer"), await ledger(person, "title")) == (1, 1)

    async def test_until_then_it_is_called_by_its_question(self, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()

        asked = await ask(session_id, QUESTION, model="openai/slow-500")
        begun = await chat(person, session_id)
        await ended(person, asked)
        await no_job_left(person)

        assert (begun.title, begun.title_source) == (FIRST_SENTENCE, None)
        assert (await chat(person, session_id)).title == WRITTEN

    async def test_a_later_question_changes_no_name(self, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()

        for question in (QUESTION, "And now to six"):
            await ended(person, await ask(session_id, question, model="openai/ok"))
            await no_job_left(person)

        assert (await chat(person, session_id)).title == WRITTEN

    async def test_it_is_named_once(self, person: Person, ask: Ask) -> None:
        session_id = await person.new_session()

        for _ in range(2):
            await ended(person, await ask(session_id, QUESTION, model="openai/ok"))
            await no_job_left(person)

        assert (await ledger(person, "answer"), await ledger(person, "title")) == (2, 1)

    async def test_the_demo_model_is_not_asked(self, person: Person, ask: Ask, module_faults: FaultServer) -> None:
        session_id, asked = await person.new_session(), len(module_faults.requests)

        await ended(person, await ask(session_id, QUESTION, model="demo/coda"))

        assert (await chat(person, session_id)).title == FIRST_SENTENCE
        assert await jobs_left(person) == 0
        assert len(module_faults.requests) == asked


class TestTheJob:
    @pytest.fixture
    async def job(self, process: Process, person: Person, ask: Ask) -> Job:
        """The title job of a chat that a demo model answered in, so that nothing was asked yet."""
        run = await ended(person, await ask(await person.new_session(), QUESTION, model="demo/coda"))
        return Job(1, "title", person.scope, {"run_id": run.id}, 1)

    @pytest.fixture
    def writer(self, process: Process) -> TitleWriter:
        return TitleWriter(process.database, process.models.gateway, process.notes)

    async def set_model(self, person: Person, job: Job, model: str) -> UUID:
        async with person.database.transaction(person.scope) as db:
            change = text("update runs set model = :model where id = :id returning session_id")
            session_id: UUID = await db.scalar(change, {"model": model, "id": job.ids["run_id"]})
            return session_id

    async def test_a_title_that_a_person_gave_stays(
        self, person: Person, job: Job, writer: TitleWriter, module_faults: FaultServer
    ) -> None:
        session_id = await self.set_model(person, job, "openai/ok")
        async with person.database.transaction(person.scope) as db:
            await db.execute(
                text("update chat_sessions set title = 'Mine', title_source = 'user' where id = :id"),
                {"id": session_id},
            )
        asked = len(module_faults.requests)

        await writer.write(job)

        assert (await chat(person, session_id)).title == "Mine"
        assert len(module_faults.requests) == asked

    async def test_a_model_in_trouble_is_asked_again_later(self, person: Person, job: Job, writer: TitleWriter) -> None:
        session_id = await self.set_model(person, job, "openai/status-503")

        with pytest.raises(ProviderUnavailable):
            await writer.write(job)

        assert (await chat(person, session_id)).title == FIRST_SENTENCE

    @pytest.mark.parametrize("model", ["openai/status-400", "openai/empty", "nowhere/gone"])
    async def test_a_model_that_refuses_leaves_the_title(
        self, person: Person, job: Job, writer: TitleWriter, model: str
    ) -> None:
        session_id = await self.set_model(person, job, model)

        await writer.write(job)

        assert (await chat(person, session_id)).title == FIRST_SENTENCE

    async def test_a_cut_title_is_paid_for_and_not_set(self, person: Person, job: Job, writer: TitleWriter) -> None:
        session_id = await self.set_model(person, job, "openai/malformed-2")

        with pytest.raises(Exception, match="provider"):
            await writer.write(job)

        assert (await chat(person, session_id)).title == FIRST_SENTENCE
        assert await ledger(person, "title") == 1

    async def test_a_chat_that_is_gone_is_left_alone(self, person: Person, job: Job, writer: TitleWriter) -> None:
        session_id = await self.set_model(person, job, "openai/ok")
        async with person.database.transaction(person.scope) as db:
            await db.execute(text("delete from chat_sessions where id = :id"), {"id": session_id})

        await writer.write(job)

        assert await ledger(person, "title") == 0
