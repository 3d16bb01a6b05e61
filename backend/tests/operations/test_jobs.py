"""Clean-up and reaper: what may go, goes; what may not, stays; what was forgotten, is put right."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from coda.core.db import Database
from coda.core.settings import Settings
from coda.operations.jobs import CleanUp, Reaper
from tests.operations.conftest import Ground


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


async def test_expired_tickets_go(clean_up: CleanUp, ground: Ground) -> None:
    await ground.execute("insert into users (id, email, name) values (:user, :email, 'x')", email=f"{uuid4()}@x.org")
    for seconds in (-2, -1, 30):
        await ground.execute(
            "insert into ws_tickets (hash, user_id, org_id, expires_at)"
            " values (:hash, :user, :org, now() + make_interval(secs => :seconds))",
            hash=uuid4().bytes, seconds=seconds,
        )  # fmt: skip

    await clean_up.run()

    assert await ground.count("ws_tickets") == 1


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


async def test_the_cleaner_needs_no_power_over_content(database: Database) -> None:
    async with database.system() as system:
        assert await system.scalar(text("select current_user")) == "coda_system"
