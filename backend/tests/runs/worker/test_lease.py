"""Leases: renewed for what is driven, left to run out for a claim whose answer never reached its worker."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from coda.assembly import Process, assemble
from coda.core.db import Database
from coda.core.settings import Settings
from tests.runs.claims import stage_run
from tests.runs.conftest import Person, new_person
from tests.runs.control import LONG, over, paced, spoken, start

_HAND_OVER = text("""
    update run_queue set worker_id = (select id from workers), lease_until = now() + interval '300 ms'
     where run_id = :run_id
""")
_FENCE = text("select fence from run_queue where run_id = :run_id")


@pytest.fixture(scope="module")
async def process(settings: Settings, database: Database) -> AsyncIterator[Process]:
    """A worker with short leases."""
    leases = {"lease": timedelta(seconds=3), "heartbeat": timedelta(milliseconds=100)}
    async with assemble(paced(settings, tokens_per_second=100, **leases), database.urls) as running:
        yield running


async def fence_of(process: Process, run_id: UUID) -> int | None:
    async with process.database.transaction(None) as db:
        fence: int | None = (await db.execute(_FENCE, {"run_id": run_id})).scalar_one_or_none()
        return fence


async def test_a_claim_that_nobody_drives_runs_out(process: Process, person: Person) -> None:
    staged = await stage_run(person)
    async with process.database.transaction(None) as db:
        await db.execute(_HAND_OVER, {"run_id": staged.id})

    run = await over(person, staged.id)

    assert run.status == "failed"  # it has no question; what counts is that it was taken up


async def test_a_driven_run_is_never_taken_over(process: Process, person: Person) -> None:
    run_id = await start(process, person, LONG)
    await spoken(process, person, run_id)

    assert await fence_of(process, run_id) == 1
    assert (await over(person, run_id)).status == "finished"


async def test_a_run_given_back_has_not_used_up_a_try(settings: Settings, fresh_database: Database) -> None:
    tries = {"max_attempts": 1}
    async with assemble(paced(settings, tokens_per_second=100, **tries), fresh_database.urls) as first:
        person = await new_person(first.database)
        run_id = await start(first, person, LONG)
        await spoken(first, person, run_id)
        first.dispatcher.release_all()
        await first.dispatcher.stop()
    async with assemble(paced(settings, tokens_per_second=0, **tries), fresh_database.urls) as second:
        person = Person(person.principal, second.database)
        assert (await over(person, run_id)).status == "finished"
