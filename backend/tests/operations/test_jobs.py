"""Clean-up: what may go, goes; what may not, stays."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from coda.core.db import Database
from coda.operations.jobs import CleanUp
from coda.operations.repository import SystemRepository
from tests.operations.conftest import Ground


@pytest.fixture
def clean_up(database: Database) -> CleanUp:
    return CleanUp(database, events_kept=timedelta(minutes=10))


async def test_events_go_ten_minutes_after_their_run(clean_up: CleanUp, ground: Ground) -> None:
    await ground.finished_run(minutes_ago=11)
    await ground.finished_run(minutes_ago=9)

    done = await clean_up.run_once()

    assert done["events"] == 3
    assert await ground.count("run_events") == 3
    assert await ground.count("runs") == 2


async def test_forgotten_reservations_are_released(clean_up: CleanUp, ground: Ground) -> None:
    for minutes in (-1, 5):
        await ground.execute(
            "insert into reservations (org_id, id, run_id, user_id, state, expires_at)"
            " values (:org, :id, :id, :user, 'held', now() + make_interval(mins => :minutes))",
            id=uuid4(), minutes=minutes,
        )  # fmt: skip

    done = await clean_up.run_once()

    assert done["reservations"] == 1
    assert await ground.count("reservations where state = 'held'") == 1
    assert await ground.count("reservations where state = 'released' and closed_at is not null") == 1


async def test_expired_tickets_go(clean_up: CleanUp, ground: Ground) -> None:
    await ground.execute("insert into users (id, email, name) values (:user, :email, 'x')", email=f"{uuid4()}@x.org")
    for seconds in (-1, 30):
        await ground.execute(
            "insert into ws_tickets (hash, user_id, org_id, expires_at)"
            " values (:hash, :user, :org, now() + make_interval(secs => :seconds))",
            hash=uuid4().bytes, seconds=seconds,
        )  # fmt: skip

    done = await clean_up.run_once()

    assert done["expired"] == 1
    assert await ground.count("ws_tickets") == 1


async def test_sessions_go_a_month_after_they_were_deleted(clean_up: CleanUp, ground: Ground) -> None:
    await ground.finished_run(minutes_ago=1)
    await ground.execute("update chat_sessions set deleted_at = now() - interval '31 days' where org_id = :org")
    await ground.finished_run(minutes_ago=1)

    done = await clean_up.run_once()

    assert done["sessions"] == 1
    assert (await ground.count("chat_sessions"), await ground.count("messages"), await ground.count("runs")) == (
        1,
        1,
        1,
    )


async def test_two_processes_do_not_clean_at_once(clean_up: CleanUp, database: Database) -> None:
    async with database.system() as other:
        assert await SystemRepository(other).is_only_cleaner()
        assert await clean_up.run_once() == {}
    assert await clean_up.run_once() != {}


async def test_the_cleaner_needs_no_power_over_content(database: Database) -> None:
    async with database.system() as system:
        assert await system.scalar(text("select current_user")) == "coda_system"
