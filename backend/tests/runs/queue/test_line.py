"""The line before the workers: fair between organizations, capped per person, refused where it is full."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.settings import RunSettings
from coda.runs.errors import RunsBusy, TooManyQueued
from coda.runs.queue.admission import AdmissionControl, QueueView
from coda.runs.queue.run_queue import Claim, RunQueue

LEASE = timedelta(minutes=10)
_FILL = text("""
    insert into run_queue (run_id, org_id, user_id, state, available_at, enqueued_at)
    select gen_random_uuid(), :org_id, cast(:user_id as uuid), :state,
           now() - interval '1 minute' + n * interval '1 ms', now()
      from generate_series(1, :count) n
""")


@pytest.fixture(autouse=True)
async def _empty(database: Database) -> AsyncIterator[None]:
    """No run of another test is in the way, and no worker claims these."""
    yield
    async with database.transaction(None) as db:
        await db.execute(text("delete from run_queue"))
        await db.execute(text("delete from workers"))


async def fill(
    database: Database, org_id: UUID, count: int, *, user_id: UUID | None = None, state: str = "queued"
) -> None:
    async with database.transaction(None) as db:
        given = {"org_id": org_id, "user_id": user_id or org_id, "count": count, "state": state}
        await db.execute(_FILL, given)


async def work_with(database: Database, *, concurrency: int) -> None:
    """A worker that lives."""
    async with database.transaction(None) as db:
        statement = "insert into workers (id, host, pid, version, concurrency) values (:id, 'here', 1, '1', :n)"
        await db.execute(text(statement), {"id": new_id(), "n": concurrency})


async def claim(database: Database, *, limit: int, per_user: int = 1000, worker: UUID | None = None) -> Sequence[Claim]:
    async with database.autocommit() as db:
        queue = RunQueue(db)
        return await queue.claim(worker or new_id(), lease=LEASE, limit=limit, per_user=per_user, max_attempts=3)


async def lose(database: Database, org_id: UUID, count: int, *, attempt: int = 1, silent_for: int = 1) -> None:
    """Runs that were at work when their worker died."""
    await fill(database, org_id, count, state="running")
    async with database.transaction(None) as db:
        statement = """
            update run_queue set lease_until = now() - make_interval(secs => :silent_for), attempt = :attempt
             where org_id = :org
        """
        await db.execute(text(statement), {"org": org_id, "attempt": attempt, "silent_for": silent_for})


class TestFairShare:
    async def test_a_long_line_of_one_organization_holds_nobody_up(self, database: Database) -> None:
        crowd, lone = new_id(), new_id()
        await fill(database, crowd, 500)
        await fill(database, lone, 2)

        first = await claim(database, limit=4)
        second = await claim(database, limit=4)

        assert Counter(run.org_id for run in first) == {crowd: 2, lone: 2}
        assert Counter(run.org_id for run in second) == {crowd: 4}

    async def test_who_has_more_at_work_waits_longer(self, database: Database) -> None:
        busy, idle = new_id(), new_id()
        await fill(database, busy, 3, state="running")
        await fill(database, busy, 10)
        await fill(database, idle, 10)

        claims = await claim(database, limit=5)

        assert Counter(run.org_id for run in claims) == {idle: 4, busy: 1}

    async def test_the_oldest_of_an_organization_goes_first(self, database: Database) -> None:
        await fill(database, new_id(), 20)
        async with database.transaction(None) as db:
            oldest = (await db.scalars(text("select run_id from run_queue order by available_at limit 5"))).all()

        assert {run.run_id for run in await claim(database, limit=5)} == set(oldest)

    async def test_a_person_has_only_so_many_at_work(self, database: Database) -> None:
        org_id, eager, modest = new_id(), new_id(), new_id()
        await fill(database, org_id, 50, user_id=eager)
        await fill(database, org_id, 2, user_id=modest)

        claims = await claim(database, limit=20, per_user=3)
        more = await claim(database, limit=20, per_user=3)

        assert Counter(run.user_id for run in claims) == {eager: 3, modest: 2}
        assert more == []

    async def test_what_nobody_may_begin_is_left_alone(self, database: Database) -> None:
        await fill(database, new_id(), 3, state="blocked")
        await fill(database, new_id(), 3, state="held")

        assert await claim(database, limit=10) == []

    async def test_four_claimers_at_once_take_each_run_once_and_share(self, database: Database) -> None:
        organizations = [new_id() for _ in range(4)]
        for org_id, count in zip(organizations, (400, 40, 40, 40), strict=True):
            await fill(database, org_id, count)

        async def claimer() -> list[Claim]:
            mine: list[Claim] = []
            while len(mine) < 32:
                mine += await claim(database, limit=8)
            return mine

        claims = [run for mine in await asyncio.gather(*(claimer() for _ in range(4))) for run in mine]

        assert len({run.run_id for run in claims}) == len(claims) == 128
        shares = Counter(run.org_id for run in claims)
        assert all(24 <= shares[org_id] <= 40 for org_id in organizations), shares

    async def test_four_claimers_at_once_keep_the_cap_of_a_person(self, database: Database) -> None:
        await fill(database, new_id(), 100)

        claims = await asyncio.gather(*(claim(database, limit=32, per_user=10) for _ in range(4)))

        assert sum(map(len, claims)) == 10


async def views_of(db: AsyncSession, settings: RunSettings) -> dict[UUID, QueueView]:
    """What the queue tells of all its runs."""
    views: dict[UUID, QueueView] = {}
    for org_id in (await db.scalars(text("select distinct org_id from run_queue"))).all():
        ids = (await db.scalars(text("select run_id from run_queue where org_id = :org"), {"org": org_id})).all()
        views |= await AdmissionControl(db, settings, org_id=org_id).views(ids)
    return views


class TestPlaces:
    async def test_the_place_is_the_order_of_the_claims(self, database: Database) -> None:
        crowd, lone = new_id(), new_id()
        await fill(database, crowd, 30)
        await fill(database, lone, 3)
        await work_with(database, concurrency=0)
        async with database.transaction(None) as db:
            views = await views_of(db, RunSettings())

        places = {run_id: view.position.position for run_id, view in views.items() if view.position}
        claimed = [run.run_id for _ in range(33) for run in await claim(database, limit=1)]

        assert sorted(places.values()) == list(range(1, 34))
        assert sum(abs(places[run_id] - at) for at, run_id in enumerate(claimed, 1)) <= 2

    async def test_with_room_there_is_no_place(self, database: Database) -> None:
        await fill(database, new_id(), 3)
        await work_with(database, concurrency=2)
        async with database.transaction(None) as db:
            views = await views_of(db, RunSettings())

        assert [view.position for view in views.values() if view.position] != []
        assert len([view for view in views.values() if view.position]) == 1

    async def test_over_the_own_cap_one_waits_for_a_worker(self, database: Database) -> None:
        org_id = new_id()
        await fill(database, org_id, 2, state="running")
        await fill(database, org_id, 1)
        await work_with(database, concurrency=100)
        async with database.transaction(None) as db:
            views = await views_of(db, RunSettings(max_per_user=2))

        assert [(view.position.position, view.position.waits_for) for view in views.values() if view.position] == [
            (1, "worker")
        ]


class TestAdmission:
    async def test_a_full_line_refuses_with_the_place_that_it_would_be(self, database: Database) -> None:
        await fill(database, new_id(), 5)
        async with database.transaction(None) as db:
            line = AdmissionControl(db, RunSettings(max_queued=5), org_id=new_id())
            admission = await line.load(user_id=new_id())
            with pytest.raises(RunsBusy) as refused:
                line.check(admission)
            AdmissionControl(db, RunSettings(max_queued=6), org_id=new_id()).check(admission)

        assert refused.value.details == {"position": 6, "retry_after": 60}

    async def test_what_is_held_does_not_count(self, database: Database) -> None:
        user_id = new_id()
        await fill(database, user_id, 9, state="held")
        await fill(database, user_id, 2, state="blocked")
        async with database.transaction(None) as db:
            admission = await AdmissionControl(db, RunSettings(), org_id=user_id).load(user_id=user_id)
            with pytest.raises(TooManyQueued):
                AdmissionControl(db, RunSettings(max_queued_per_user=2), org_id=user_id).check(admission)

        assert (admission.waiting, admission.own_waiting) == (0, 2)


class TestLostRuns:
    async def test_go_behind_those_that_wait(self, fresh_database: Database) -> None:
        lost, others = new_id(), new_id()
        await lose(fresh_database, lost, 2)
        await fill(fresh_database, others, 3)

        claimed = [(await claim(fresh_database, limit=1))[0].org_id for _ in range(5)]

        assert claimed == [others] * 3 + [lost] * 2

    async def test_go_first_once_they_have_waited_for_some_seconds(self, fresh_database: Database) -> None:
        lost = new_id()
        await lose(fresh_database, lost, 2, silent_for=6)
        await fill(fresh_database, new_id(), 3)

        assert {run.org_id for run in await claim(fresh_database, limit=2, per_user=1)} == {lost}

    async def test_two_workers_died_of_are_tried_last_and_one_at_a_time(self, fresh_database: Database) -> None:
        suspects, others, worker = new_id(), new_id(), new_id()
        await lose(fresh_database, suspects, 3, attempt=2)
        await fill(fresh_database, others, 2)

        first = await claim(fresh_database, limit=10, worker=worker)
        meanwhile = await claim(fresh_database, limit=10, worker=worker)
        elsewhere = await claim(fresh_database, limit=10)
        at_once = await claim(fresh_database, limit=10)

        assert [run.org_id for run in first] == [others] * 2
        assert meanwhile == []
        assert [run.org_id for run in elsewhere] == [suspects]
        assert at_once == []

    async def test_whose_tries_are_over_are_claimed_to_be_failed(self, fresh_database: Database) -> None:
        over = new_id()
        await lose(fresh_database, over, 2, attempt=3)

        assert [run.attempt for run in await claim(fresh_database, limit=10)] == [4, 4]
