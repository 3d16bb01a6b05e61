"""A full queue on OpenAI's wire: refused in OpenAI's form, before anything is stored."""

from collections.abc import AsyncIterator

import pytest
from openai import AsyncOpenAI, InternalServerError, RateLimitError
from sqlalchemy import text

from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.settings import Settings
from tests.callers import Caller

MODEL = "coda-agent/demo/coda"


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """One may wait, of everybody and of each."""
    runs = settings.runs.model_copy(update={"max_queued": 1, "max_queued_per_user": 1})
    return settings.model_copy(update={"runs": runs})


@pytest.fixture(autouse=True)
async def _empty(database: Database) -> AsyncIterator[None]:
    yield
    async with database.transaction(None) as db:
        await db.execute(text("delete from run_queue"))


async def wait_in_line(database: Database, caller: Caller, state: str) -> None:
    """A run that nobody will claim during the test."""
    async with database.transaction(None) as db:
        await db.execute(
            text("""
                insert into run_queue (run_id, org_id, user_id, state, available_at)
                values (:run, :org, :user, :state, now() + interval '1 hour')
            """),
            {
                "run": new_id(),
                "org": caller.principal.org_id,
                "user": caller.principal.user_id if state == "blocked" else new_id(),
                "state": state,
            },
        )


async def sessions(database: Database, caller: Caller) -> int:
    async with database.transaction(caller.principal.scope) as db:
        return int(await db.scalar(text("select count(*) from chat_sessions")) or 0)


class TestAdmission:
    async def test_own_line_full(self, openai: AsyncOpenAI, database: Database, caller: Caller) -> None:
        await wait_in_line(database, caller, "blocked")

        with pytest.raises(RateLimitError) as refused:
            await openai.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hello"}])

        assert refused.value.code == "rate_limit_exceeded"
        assert int(refused.value.response.headers["retry-after"]) > 0
        assert await sessions(database, caller) == 0

    async def test_house_full(self, openai: AsyncOpenAI, database: Database, caller: Caller) -> None:
        await wait_in_line(database, caller, "queued")

        with pytest.raises(InternalServerError) as refused:
            await openai.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Hello"}])

        assert (refused.value.response.status_code, refused.value.code) == (503, "runs.busy")
        assert int(refused.value.response.headers["retry-after"]) > 0
        assert await sessions(database, caller) == 0
