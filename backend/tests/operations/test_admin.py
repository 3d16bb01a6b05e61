"""The operator's page: figures over all organizations, the list of jobs, and trying one again."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from coda.core.db import Database, DatabaseUrls
from coda.core.jobs import JobQueue
from coda.core.settings import Settings
from coda.main import create_app
from tests.callers import Town
from tests.operations.conftest import Ground

JOBS = "/api/v1/admin/jobs"


@pytest.fixture(scope="module")
async def app(settings: Settings, database_urls: DatabaseUrls, redis_url: str) -> AsyncIterator[FastAPI]:
    """A server beside which no worker runs, so that jobs stay as a test made them."""
    app = create_app(settings.model_copy(update={"redis_url": SecretStr(redis_url)}), database_urls)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def operator(app: FastAPI, database: Database) -> AsyncIterator[AsyncClient]:
    town = Town(database, app.state.identity)
    caller = await town.settle(await town.found(), is_operator=True)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://coda.lan", headers=caller.headers) as client:
        yield client


async def execute(database: Database, statement: str, **values: object) -> None:
    async with database.transaction(None) as db:
        await db.execute(text(statement), values)


@pytest.fixture(autouse=True)
async def _no_jobs(database: Database) -> None:
    for table in ("jobs", "job_log", "workers", "run_queue"):
        await execute(database, f"delete from {table}")  # noqa: S608 - our own table names


async def enqueue(database: Database, name: str, *, status: str = "queued", times: int = 1) -> None:
    async with database.transaction(None) as db:
        for _ in range(times):
            await JobQueue(db).enqueue(name)
        change = text("update jobs set status = cast(:status as job_status) where entrypoint = :name")
        await db.execute(change, {"status": status, "name": name})


async def listed(client: AsyncClient, **query: str | int) -> dict[str, Any]:
    response = await client.get(JOBS, params=query)
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    return body


async def finish(database: Database, job_id: int) -> None:
    """What stays of a job that was done."""
    await execute(database, "delete from jobs where id = :id", id=job_id)
    for status in ("picked", "successful"):
        await execute(
            database,
            "insert into job_log (job_id, status, priority, entrypoint)"
            " values (:id, cast(:status as job_status), 0, 'title')",
            id=job_id, status=status,
        )  # fmt: skip


class TestOverview:
    async def test_of_an_idle_instance_is_all_zero(self, operator: AsyncClient) -> None:
        body = (await operator.get("/api/v1/admin/overview")).json()

        assert body["jobs"] == {"waiting": 0, "running": 0, "failed": 0, "done_24h": 0}
        assert (body["runs"]["queued"], body["runs"]["running"], body["workers"]) == (0, 0, [])
        assert body["queue"] == {"oldest_seconds": 0}

    async def test_counts_runs_of_all_organizations(
        self, operator: AsyncClient, database: Database, ground: Ground
    ) -> None:
        before = (await operator.get("/api/v1/admin/overview")).json()["runs"]
        elsewhere = Ground(database)
        for place, status, minutes in (
            (ground, "finished", 1),
            (elsewhere, "finished", 60),
            (elsewhere, "finished", 60 * 25),
            (ground, "failed", 2),
            (ground, "cancelled", 2),
            (elsewhere, "interrupted", 60 * 30),
        ):
            run = await place.finished_run(minutes_ago=minutes)
            await place.execute("update runs set status = :status where id = :run", run=run, status=status)

        after = (await operator.get("/api/v1/admin/overview")).json()["runs"]

        gained = {name: after[name] - before[name] for name in after}
        assert gained == {
            "queued": 0, "running": 0, "interrupted": 1, "finished_24h": 2, "failed_24h": 1, "cancelled_24h": 1,
        }  # fmt: skip

    async def test_an_interrupted_run_that_went_on_waits_for_nobody(
        self, operator: AsyncClient, ground: Ground
    ) -> None:
        before = (await operator.get("/api/v1/admin/overview")).json()["runs"]["interrupted"]
        run, following = await ground.finished_run(minutes_ago=2), await ground.finished_run(minutes_ago=1)
        await ground.execute("update runs set status = 'interrupted' where id = :run", run=run)
        await ground.execute("update runs set parent_run_id = :run where id = :next", run=run, next=following)

        assert (await operator.get("/api/v1/admin/overview")).json()["runs"]["interrupted"] == before

    async def test_tells_the_queue_and_who_works_on_it(self, operator: AsyncClient, database: Database) -> None:
        worker = uuid4()
        await execute(
            database,
            "insert into workers (id, host, pid, version, seen_at)"
            " values (:id, 'a-host', 7, '0.1', now() - interval '30 s')",
            id=worker,
        )
        before = (await operator.get("/api/v1/admin/overview")).json()["runs"]["interrupted"]
        for state, ago in (("running", 1), ("queued", 90), ("queued", 1), ("blocked", 200), ("held", 300)):
            await execute(
                database,
                "insert into run_queue (run_id, org_id, user_id, state, worker_id, available_at)"
                " values (:id, :id, :id, :state, :worker, now() - make_interval(secs => :ago))",
                id=uuid4(), state=state, worker=worker if state == "running" else None, ago=ago,
            )  # fmt: skip

        body = (await operator.get("/api/v1/admin/overview")).json()

        (shown,) = body["workers"]
        assert (shown["id"], shown["host"], shown["pid"], shown["runs"]) == (str(worker), "a-host", 7, 1)
        assert shown["silent_seconds"] >= 30
        assert (body["runs"]["queued"], body["runs"]["running"]) == (3, 1)
        assert body["runs"]["interrupted"] == before + 1
        assert 90 <= body["queue"]["oldest_seconds"] < 200

    async def test_counts_jobs_by_state(self, operator: AsyncClient, database: Database) -> None:
        for name, status, times in (("a", "queued", 3), ("b", "picked", 2), ("c", "failed", 1), ("title", "queued", 1)):
            await enqueue(database, name, status=status, times=times)
        await finish(database, (await listed(operator))["items"][0]["id"])

        body = (await operator.get("/api/v1/admin/overview")).json()

        assert body["jobs"] == {"waiting": 3, "running": 2, "failed": 1, "done_24h": 1}


class TestListJobs:
    async def test_pages_newest_first(self, operator: AsyncClient, database: Database) -> None:
        await enqueue(database, "title", times=5)
        seen, cursor = [], ""
        while True:
            page = await listed(operator, limit=2, **({"cursor": cursor} if cursor else {}))
            seen += [job["id"] for job in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = page["next_cursor"]

        assert len(seen) == 5
        assert seen == sorted(seen, reverse=True)

    @pytest.mark.parametrize("status", ["waiting", "running", "failed", "done"])
    async def test_shows_one_state(self, operator: AsyncClient, database: Database, status: str) -> None:
        for name, stored in (("a", "queued"), ("b", "picked"), ("c", "failed"), ("title", "queued")):
            await enqueue(database, name, status=stored)
        await finish(database, (await listed(operator))["items"][0]["id"])

        jobs = (await listed(operator, status=status))["items"]

        names = {"waiting": "a", "running": "b", "failed": "c", "done": "title"}
        assert [(job["name"], job["status"]) for job in jobs] == [(names[status], status)]

    @pytest.mark.parametrize("query", [{"status": "lost"}, {"cursor": "x"}, {"cursor": "-1"}, {"cursor": "9" * 40}])
    async def test_nonsense_is_refused(self, operator: AsyncClient, query: dict[str, str]) -> None:
        assert (await operator.get(JOBS, params=query)).status_code == 422


class TestRetry:
    async def test_puts_a_failed_job_back_in_line(self, operator: AsyncClient, database: Database) -> None:
        await enqueue(database, "title", status="failed")
        (job,) = (await listed(operator, status="failed"))["items"]

        response = await operator.post(f"{JOBS}/{job['id']}/retry")

        assert (response.status_code, response.json()["status"]) == (202, "waiting")
        assert [item["id"] for item in (await listed(operator, status="waiting"))["items"]] == [job["id"]]

    async def test_of_what_has_not_failed_is_refused(self, operator: AsyncClient, database: Database) -> None:
        await enqueue(database, "title")
        (job,) = (await listed(operator))["items"]

        response = await operator.post(f"{JOBS}/{job['id']}/retry")

        assert (response.status_code, response.json()["error"]["code"]) == (409, "operations.job_not_failed")

    @pytest.mark.parametrize(("job_id", "status"), [("7", 404), (str(2**63), 422), ("0", 422), ("x", 422)])
    async def test_of_what_is_not_there_is_told(self, operator: AsyncClient, job_id: str, status: int) -> None:
        assert (await operator.post(f"{JOBS}/{job_id}/retry")).status_code == status


class TestMetrics:
    async def test_tell_of_jobs_by_name_and_state(self, app: FastAPI, database: Database) -> None:
        await enqueue(database, "title", times=2)
        await enqueue(database, "reaper", status="failed")
        async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
            shown = (await client.get("/metrics")).text

        assert 'coda_jobs{job="title",status="waiting"} 2.0' in shown
        assert 'coda_jobs{job="reaper",status="failed"} 1.0' in shown
        assert 'coda_jobs_oldest_seconds{job="title"}' in shown
