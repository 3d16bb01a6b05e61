"""Clean-up and reaper: what may go, goes; what may not, stays; what was forgotten, is put right."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import text

from coda.core.db import Database
from coda.core.settings import Settings
from coda.operations.jobs import CleanUp, Reaper, UnusedTexts
from coda.operations.repository import SystemRepository
from coda.runs.repository.prompts import STORE_BEGINNING
from tests.operations.conftest import Ground
from tests.postgres_server import as_owner
from tests.runs.waiting import until_async


@pytest.fixture
def clean_up(database: Database, settings: Settings) -> CleanUp:
    """In batches of one, so that every test needs several."""
    return CleanUp(database, settings, batch=1)


@pytest.fixture
def reaper(database: Database) -> Reaper:
    return Reaper(database, batch=1)


async def test_events_go_ten_minutes_after_their_run(clean_up: CleanUp, ground: Ground) -> None:
    for minutes in (12, 11, 9):
        await ground.finished_run(minutes_ago=minutes)

    await clean_up.run()

    assert await ground.count("run_events") == 3
    assert await ground.count("runs") == 3


async def test_forgotten_reservations_are_released(reaper: Reaper, ground: Ground) -> None:
    for minutes in (-2, -1, 5):
        await ground.execute(
            "insert into reservations (org_id, id, run_id, user_id, state, expires_at)"
            " values (:org, :id, :id, :user, 'held', now() + make_interval(mins => :minutes))",
            id=uuid4(), minutes=minutes,
        )  # fmt: skip

    await reaper.run()

    assert await ground.count("reservations where state = 'held'") == 1
    assert await ground.count("reservations where state = 'released' and closed_at is not null") == 2


async def test_expired_tickets_go(clean_up: CleanUp, ground: Ground, database: Database) -> None:
    await ground.execute("insert into users (id, email, name) values (:user, :email, 'x')", email=f"{uuid4()}@x.org")
    for seconds in (-2, -1, 30):
        await ground.execute(
            "insert into ws_tickets (hash, user_id, org_id, expires_at)"
            " values (:hash, :user, :org, now() + make_interval(secs => :seconds))",
            hash=uuid4().bytes, seconds=seconds,
        )  # fmt: skip

    await clean_up.run()

    async with as_owner(database.urls) as owner:
        assert await owner.scalar(text("select count(*) from ws_tickets")) == 1


async def test_responses_go_after_a_month_and_requests_after_a_day(clean_up: CleanUp, ground: Ground) -> None:
    await ground.execute("insert into users (id, email, name) values (:user, :email, 'x')", email=f"{uuid4()}@x.org")
    await ground.execute("insert into organizations (id, name, kind) values (:org, 'x', 'shared')")
    await ground.execute("insert into memberships (org_id, user_id, role) values (:org, :user, 'member')")
    for days in (32, 31, 29):
        await ground.execute(
            "insert into api_responses (org_id, id, user_id, input, body, created_at)"
            " values (:org, :id, :user, '[]', '{}', now() - make_interval(days => :days))",
            id=uuid4(), days=days,
        )  # fmt: skip

        await ground.execute(
            "insert into api_requests (org_id, id, user_id, body_hash, session_id, run_id, created_at)"
            " values (:org, :id, :user, :hash, :id, :id, now() - make_interval(hours => :hours))",
            id=uuid4(), hash=b"x", hours=days - 6,
        )  # fmt: skip

    await clean_up.run()

    assert await ground.count("api_responses") == 1
    assert await ground.count("api_requests") == 1


async def test_sessions_go_a_month_after_they_were_deleted(clean_up: CleanUp, ground: Ground) -> None:
    await ground.finished_run(minutes_ago=1)
    await ground.execute("update chat_sessions set deleted_at = now() - interval '31 days' where org_id = :org")
    await ground.finished_run(minutes_ago=1)

    await clean_up.run()

    assert (await ground.count("chat_sessions"), await ground.count("messages"), await ground.count("runs")) == (
        1,
        1,
        1,
    )


async def test_workers_are_forgotten_ten_minutes_after_their_last_sign(reaper: Reaper, ground: Ground) -> None:
    await ground.execute("delete from workers")
    for minutes in (11, 9):
        await ground.execute(
            "insert into workers (id, host, pid, version, seen_at)"
            " values (:id, 'a-host', 1, '0', now() - make_interval(mins => :minutes))",
            id=uuid4(), minutes=minutes,
        )  # fmt: skip

    await reaper.run()

    assert await ground.count("workers") == 1


async def test_a_run_that_works_without_a_place_in_the_queue_is_put_back(reaper: Reaper, ground: Ground) -> None:
    lost, young = await ground.finished_run(minutes_ago=1), await ground.finished_run(minutes_ago=1)
    for run, minutes in ((lost, 6), (young, 4)):
        await ground.execute(
            "update runs set status = 'running', finished_at = null,"
            " started_at = now() - make_interval(mins => :minutes) where id = :run",
            run=run, minutes=minutes,
        )  # fmt: skip

    for _ in range(2):
        await reaper.run()

    assert await ground.count(f"run_queue where run_id = '{lost}' and org_id = '{ground.org_id}' and fence = 1") == 1
    assert await ground.count(f"run_queue where run_id = '{young}'") == 0


class TestUnusedTexts:
    STORE = text(STORE_BEGINNING + "select 1")
    AGE = "update prompt_texts set created_at = now() - interval '25 hours' where org_id = :org"

    @pytest.fixture
    def prompt_texts(self, database: Database) -> UnusedTexts:
        return UnusedTexts(database, batch=1)

    def plan(self, ground: Ground, run_id: UUID, content: str) -> Mapping[str, Any]:
        """What a run stores of its prompt: a plan that refers to one text."""
        digest = sha256(content.encode()).hexdigest()
        plan = orjson.dumps({"segments": [{"sha256": "00"}, {"sha256": digest}]}).decode()
        return {
            "org_id": ground.org_id, "root_run_id": run_id, "plan": plan, "text_hashes": [digest], "texts": [content],
            "tools": "[]", "spec_hashes": [], "specs": [],
        }  # fmt: skip

    async def store(self, database: Database, ground: Ground, content: str) -> UUID:
        run_id = await ground.finished_run(minutes_ago=1)
        async with database.transaction(ground.scope) as db:
            await db.execute(self.STORE, self.plan(ground, run_id, content))
        return run_id

    async def test_go_with_the_last_run_that_refers_to_them(
        self, database: Database, ground: Ground, prompt_texts: UnusedTexts
    ) -> None:
        first = [await self.store(database, ground, "one") for _ in range(2)]
        await self.store(database, ground, "two")
        await ground.execute(self.AGE)

        left = []
        for run_id in first:
            await ground.execute("delete from runs where org_id = :org and id = :run", run=run_id)
            await prompt_texts.run()
            left.append(await ground.count("prompt_texts"))

        assert left == [2, 1]

    async def test_stay_for_a_day(self, database: Database, ground: Ground, prompt_texts: UnusedTexts) -> None:
        run_id = await self.store(database, ground, "young")
        await ground.execute("delete from runs where org_id = :org and id = :run", run=run_id)

        await prompt_texts.run()

        assert await ground.count("prompt_texts") == 1

    async def test_one_that_a_run_is_about_to_refer_to_again_stays(
        self, database: Database, ground: Ground, prompt_texts: UnusedTexts
    ) -> None:
        gone = await self.store(database, ground, "again")
        await ground.execute("delete from runs where org_id = :org and id = :run", run=gone)
        await ground.execute(self.AGE)
        run_id = await ground.finished_run(minutes_ago=1)

        async with database.transaction(ground.scope) as db:
            await db.execute(self.STORE, self.plan(ground, run_id, "again"))
            await prompt_texts.run()

        await prompt_texts.run()
        assert await ground.count("prompt_texts") == 1

    async def test_a_run_that_comes_while_one_is_removed_stores_it_anew(
        self, database: Database, ground: Ground
    ) -> None:
        gone = await self.store(database, ground, "anew")
        await ground.execute("delete from runs where org_id = :org and id = :run", run=gone)
        await ground.execute(self.AGE)
        run_id = await ground.finished_run(minutes_ago=1)

        async def refer() -> None:
            async with database.transaction(ground.scope) as db:
                await db.execute(self.STORE, self.plan(ground, run_id, "anew"))

        async with database.system() as connection:
            assert await SystemRepository(connection).remove_prompt_texts(kept=timedelta(days=1), limit=10) == 1
            referring = asyncio.create_task(refer())
            await until_async(lambda: self.is_waiting(database))
        await referring

        assert await ground.count("prompt_texts") == 1

    async def is_waiting(self, database: Database) -> bool:
        """Whether somebody waits for a lock in this database."""
        query = text("select exists (select from pg_stat_activity"
                     " where datname = current_database() and wait_event_type = 'Lock')")  # fmt: skip
        async with database.transaction(None) as db:
            return bool(await db.scalar(query))


class TestToolSpecs:
    STORE = text(STORE_BEGINNING + "select 1")
    AGE = "update tool_specs set created_at = now() - interval '25 hours' where org_id = :org"

    def beginning(self, ground: Ground, run_id: UUID, spec: str) -> Mapping[str, Any]:
        """What a run stores of its one tool."""
        digest = sha256(spec.encode()).hexdigest()
        return {
            "org_id": ground.org_id, "root_run_id": run_id, "plan": '{"segments": []}', "text_hashes": [], "texts": [],
            "tools": orjson.dumps([{"spec": digest}]).decode(), "spec_hashes": [digest], "specs": [spec],
        }  # fmt: skip

    async def store(self, database: Database, ground: Ground, spec: str) -> UUID:
        run_id = await ground.finished_run(minutes_ago=1)
        async with database.transaction(ground.scope) as db:
            await db.execute(self.STORE, self.beginning(ground, run_id, spec))
        return run_id

    async def test_go_with_the_last_run_that_was_begun_with_them(self, database: Database, ground: Ground) -> None:
        cleaner = UnusedTexts(database, batch=1)
        runs = [await self.store(database, ground, "one") for _ in range(2)]
        await self.store(database, ground, "two")
        await ground.execute(self.AGE)
        left = []
        for run_id in runs:
            await ground.execute("delete from runs where org_id = :org and id = :run", run=run_id)
            await cleaner.run()
            left.append(await ground.count("tool_specs"))

        assert left == [2, 1]

    async def test_stay_for_a_day(self, database: Database, ground: Ground) -> None:
        run_id = await self.store(database, ground, "young")
        await ground.execute("delete from runs where org_id = :org and id = :run", run=run_id)

        await UnusedTexts(database, batch=1).run()

        assert await ground.count("tool_specs") == 1

    async def test_one_that_a_run_is_about_to_begin_with_stays(self, database: Database, ground: Ground) -> None:
        gone = await self.store(database, ground, "again")
        await ground.execute("delete from runs where org_id = :org and id = :run", run=gone)
        await ground.execute(self.AGE)
        run_id = await ground.finished_run(minutes_ago=1)
        async with database.transaction(ground.scope) as db:
            await db.execute(self.STORE, self.beginning(ground, run_id, "again"))
            await UnusedTexts(database, batch=1).run()

        await UnusedTexts(database, batch=1).run()
        assert await ground.count("tool_specs") == 1


async def test_the_cleaner_needs_no_power_over_content(database: Database) -> None:
    async with database.system() as system:
        assert await system.scalar(text("select current_user")) == "coda_system"
