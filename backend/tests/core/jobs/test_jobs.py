"""Background jobs over a real Postgres: enqueued with their cause, done at least once, retried, visible."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from coda.core.db import Database
from coda.core.errors import CodaError, ErrorKind
from coda.core.jobs import Job, JobQueue, JobRegistry
from coda.core.jobs.pgq import queries_on
from coda.core.jobs.repository import JobRepository
from coda.core.scope import Person, Scope, ShareLink
from tests.core.jobs.conftest import QUICK, Workshop
from tests.runs.waiting import until

SECRET = "what a person wrote"


class TooCold(CodaError):
    """An error of ours."""

    kind = ErrorKind.CONFLICT
    code = "kitchen.too_cold"


async def test_the_tables_are_those_of_the_installed_version(database: Database) -> None:
    async with database.transaction(None) as db:
        plan = await queries_on(db).plan_upgrade()

    assert (list(plan.statements), list(plan.notes)) == ([], [])


class TestEnqueue:
    async def test_is_done_in_the_scope_of_its_cause(self, workshop: Workshop) -> None:
        workshop.registry.add("cook", workshop.note)
        scope, dish = Scope(uuid4(), Person(uuid4())), uuid4()
        async with workshop.database.transaction(scope) as db:
            await JobQueue(db).enqueue("cook", scope=scope, ids={"dish": dish})

        async with workshop.open():
            await until(lambda: bool(workshop.done), within=60)

        (job,) = workshop.done
        assert (job.name, job.tenant, job.ids, job.tries) == ("cook", scope, {"dish": dish}, 1)

    async def test_an_announcement_wakes_a_runner_that_sleeps(self, workshop: Workshop) -> None:
        workshop.registry.add("cook", workshop.note)
        sleepy = QUICK.model_copy(update={"poll": timedelta(hours=1)})
        async with workshop.open(sleepy):
            for count in (1, 2):
                await workshop.enqueue("cook")
                await until(lambda count=count: len(workshop.done) == count, within=60)  # type: ignore[misc]

    async def test_a_share_link_enqueues_none(self, workshop: Workshop) -> None:
        with pytest.raises(ValueError, match="share link"):
            await workshop.enqueue("cook", scope=Scope(uuid4(), ShareLink(uuid4(), uuid4())))

    async def test_is_not_there_when_its_cause_was_rolled_back(self, workshop: Workshop) -> None:
        async with workshop.database.transaction(None) as db:
            await JobQueue(db).enqueue("cook")
            await db.rollback()

        assert await workshop.listed("waiting") == []

    async def test_once_is_once_while_it_waits(self, workshop: Workshop) -> None:
        for key in ("a", "a", "b"):
            await workshop.enqueue("cook", once=key)

        assert len(await workshop.listed("waiting")) == 2

    async def test_a_delayed_job_waits_for_its_time(self, workshop: Workshop) -> None:
        workshop.registry.add("cook", workshop.note)
        async with workshop.database.transaction(None) as db:
            await JobQueue(db).enqueue("cook", run_after=timedelta(hours=1))
        await workshop.enqueue("cook")

        async with workshop.open():
            await until(lambda: bool(workshop.done), within=60)

        assert len(workshop.done) == 1
        assert len(await workshop.listed("waiting")) == 1


class TestTries:
    async def test_what_fails_is_tried_again(self, workshop: Workshop) -> None:
        async def fail_twice(job: Job) -> None:
            await workshop.note(job)
            if job.tries < QUICK.max_tries:
                raise TooCold("not warm yet")

        workshop.registry.add("cook", fail_twice)
        await workshop.enqueue("cook")
        async with workshop.open():
            done = await workshop.one("done")

        assert [job.tries for job in workshop.done] == [1, 2, 3]
        assert (done.name, done.tries) == ("cook", 3)

    async def test_after_the_last_try_it_is_kept_and_tells_nothing_of_content(self, workshop: Workshop) -> None:
        async def fail(_job: Job) -> None:
            raise ValueError(SECRET)

        workshop.registry.add("cook", fail)
        await workshop.enqueue("cook")
        async with workshop.open():
            job = await workshop.one("failed")

        assert (job.tries, job.error) == (QUICK.max_tries, "ValueError")
        async with workshop.database.transaction(None) as db:
            kept = await db.scalar(text("select string_agg(traceback::text, '') from job_log"))
        assert "JobFailed" in kept
        assert SECRET not in kept

    async def test_an_error_of_ours_is_told_by_its_code(self, workshop: Workshop) -> None:
        async def fail(_job: Job) -> None:
            raise TooCold("The oven is cold.")

        workshop.registry.add("cook", fail)
        await workshop.enqueue("cook")
        async with workshop.open():
            assert (await workshop.one("failed")).error == "kitchen.too_cold"

    async def test_a_job_that_takes_too_long_fails(self, workshop: Workshop) -> None:
        async def hang(_job: Job) -> None:
            await asyncio.Event().wait()

        workshop.registry.add("cook", hang)
        await workshop.enqueue("cook")
        async with workshop.open(QUICK.model_copy(update={"timeout": timedelta(milliseconds=50)})):
            assert (await workshop.one("failed")).error == "The job took too long."

    async def test_a_retry_begins_anew(self, workshop: Workshop) -> None:
        is_warm = False

        async def cook(job: Job) -> None:
            if not is_warm:
                raise TooCold("no")
            await workshop.note(job)

        workshop.registry.add("cook", cook)
        await workshop.enqueue("cook")
        async with workshop.open():
            job = await workshop.one("failed")
            is_warm = True
            async with workshop.database.transaction(None) as db:
                await JobQueue(db).retry(job.id)
            await until(lambda: bool(workshop.done), within=60)

        assert workshop.done[0].tries == 1
        assert await workshop.listed("failed") == []


class TestSchedule:
    async def test_comes_by_itself(self, workshop: Workshop) -> None:
        workshop.registry.add("ring", workshop.note, every=timedelta(seconds=1))

        async with workshop.open(), workshop.open():
            await until(lambda: len(workshop.done) >= 2, within=60)

        assert {job.scope for job in workshop.done} == {None}

    @pytest.mark.parametrize("every", [timedelta(seconds=0.5), timedelta(seconds=7), timedelta(hours=2)])
    def test_an_uneven_one_is_refused(self, every: timedelta) -> None:
        async def ring(_job: Job) -> None: ...

        with pytest.raises(ValueError, match="evenly"):
            JobRegistry().add("ring", ring, every=every)

    @pytest.mark.parametrize(
        ("every", "cron"),
        [
            (timedelta(seconds=10), "* * * * * */10"),
            (timedelta(minutes=5), "*/5 * * * *"),
            (timedelta(hours=1), "0 * * * *"),
            (timedelta(days=1), "0 3 * * *"),
        ],
    )
    def test_an_even_one_becomes_a_cron_expression(self, every: timedelta, cron: str, workshop: Workshop) -> None:
        workshop.registry.add("ring", workshop.note, every=every)

        assert [job.cron for job in workshop.registry] == [cron]

    def test_two_handlers_of_one_name_are_refused(self, workshop: Workshop) -> None:
        workshop.registry.add("ring", workshop.note)

        with pytest.raises(ValueError, match="Two handlers"):
            workshop.registry.add("ring", workshop.note)


class TestForget:
    async def test_old_traces_go_and_new_ones_stay(self, workshop: Workshop) -> None:
        workshop.registry.add("cook", workshop.note)
        for _ in range(2):
            await workshop.enqueue("cook")
        async with workshop.open():
            await until(lambda: len(workshop.done) == 2, within=60)
        await workshop.execute(
            "insert into jobs (priority, status, entrypoint, updated)"
            " values (0, 'failed', 'x', now() - interval '9 days')"
        )
        old, new = await workshop.listed("done")
        await workshop.execute("update job_log set created = now() - interval '3 days' where job_id = :id", id=old.id)

        async with workshop.database.transaction(None) as db:
            await JobRepository(db).forget(done=timedelta(days=2), failed=timedelta(days=8), limit=100)

        assert [job.id for job in await workshop.listed("done")] == [new.id]
        assert await workshop.listed("failed") == []
