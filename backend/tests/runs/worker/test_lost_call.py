"""Model calls whose worker was lost: what their providers bill is booked, by whoever takes the run over, once."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from coda.assembly import Process
from coda.core.settings import Settings
from coda.runs.models import Run
from tests.runs.conftest import Ask, Person, ended
from tests.runs.control import LONG, assert_as_stored, expire_lease, frames_until, over, paced, spoken

_BOOKED = text("""
    select l.input_tokens, l.output_tokens, l.cost_usd, l.confidence, l.model, s.usage is not null as is_shown
      from ledger_entries l join run_steps s on s.id = l.source_id
     where l.run_id = :run_id and s.status = :status
""")
_SUMS = text("select sum(input_tokens), sum(output_tokens) from ledger_entries where run_id = :run_id")
_OPEN = text("select count(*) from run_steps where run_id = :run_id and status = 'running'")
_OTHER_MODEL = text("update runs set model = 'nobody/nothing' where id = :run_id")


@pytest.fixture(scope="module")
def settings(settings: Settings) -> Settings:
    """Slow enough to be lost."""
    return paced(settings, tokens_per_second=400)


@pytest.fixture
async def run_id(process: Process, person: Person, ask: Ask) -> UUID:
    """A long answer, of which the first words are stored."""
    started = await ask(await person.new_session(), LONG, model="demo/coda")
    await spoken(process, person, UUID(started.run["id"]))
    return UUID(started.run["id"])


async def lose(process: Process, run_id: UUID) -> None:
    """The worker has died, as far as anybody can tell."""
    await expire_lease(process, run_id)
    process.dispatcher.wake()


async def booked(person: Person, run_id: UUID, *, status: str = "discarded") -> list[tuple[object, ...]]:
    async with person.database.transaction(person.scope) as db:
        return [tuple(row) for row in await db.execute(_BOOKED, {"run_id": run_id, "status": status})]


async def assert_sums_fit(person: Person, run: Run) -> None:
    """The answer shows what the ledger holds, and nothing is left open."""
    message = await person.message(run.message_id)
    async with person.database.transaction(person.scope) as db:
        sums = (await db.execute(_SUMS, {"run_id": run.id})).one()
        assert (await db.execute(_OPEN, {"run_id": run.id})).scalar_one() == 0
    assert (message.input_tokens, message.output_tokens) == tuple(sums)


class TestTakenOver:
    async def test_it_is_booked_as_an_estimate(self, process: Process, person: Person, run_id: UUID) -> None:
        await lose(process, run_id)
        run = await over(person, run_id)

        ((tokens_in, tokens_out, cost, confidence, model, is_shown),) = await booked(person, run_id)
        ((whole_in, whole_out, *_),) = await booked(person, run_id, status="done")
        assert (run.status, confidence, model, cost, is_shown) == ("finished", "estimated", "coda", Decimal(0), True)
        assert tokens_in == whole_in
        assert 0 < int(str(tokens_out)) < int(str(whole_out))
        await assert_sums_fit(person, run)
        await assert_as_stored(process, person, [run_id])

    async def test_each_lost_call_is_booked_once(self, process: Process, person: Person, run_id: UUID) -> None:
        def has_spoken_again(frame: dict[str, object]) -> bool:
            return frame["type"] == "TEXT_MESSAGE_CONTENT" and _seq(frame) > discarded_at[0]

        discarded_at = [0]
        await lose(process, run_id)
        frames = await frames_until(process, person, run_id, lambda frame: frame.get("name") == "coda.discard")
        discarded_at = [_seq(frame) for frame in frames if frame.get("name") == "coda.discard"]
        await frames_until(process, person, run_id, has_spoken_again)
        await lose(process, run_id)
        run = await over(person, run_id)

        assert [row[3] for row in await booked(person, run_id)] == ["estimated"] * 2
        await assert_sums_fit(person, run)

    async def test_a_model_that_is_gone_is_booked_all_the_same(
        self, process: Process, person: Person, run_id: UUID
    ) -> None:
        async with person.database.transaction(person.scope) as db:
            await db.execute(_OTHER_MODEL, {"run_id": run_id})
        await lose(process, run_id)
        run = await over(person, run_id)

        ((tokens_in, tokens_out, cost, confidence, model, _),) = await booked(person, run_id)
        assert run.error is not None
        assert (run.status, run.error["code"]) == ("failed", "llm.model_not_found")
        assert (tokens_in, cost, confidence, model) == (0, None, "estimated", "coda")
        assert int(str(tokens_out)) > 0
        await assert_sums_fit(person, run)
        await assert_as_stored(process, person, [run_id])


class TestClosed:
    async def test_stopping_a_silent_worker_s_run_books_its_call(
        self, process: Process, person: Person, run_id: UUID
    ) -> None:
        await expire_lease(process, run_id)
        await process.run_commands.cancel(person.principal, run_id)
        run = await over(person, run_id)

        ((tokens_in, tokens_out, _, confidence, _, _),) = await booked(person, run_id)
        assert (run.status, confidence) == ("cancelled", "estimated")
        assert int(str(tokens_in)) > 0 < int(str(tokens_out))
        await assert_sums_fit(person, run)
        await assert_as_stored(process, person, [run_id])


class TestNotBegun:
    async def test_a_call_of_which_nothing_came_is_not_booked(self, process: Process, person: Person, ask: Ask) -> None:
        started = await ask(await person.new_session(), LONG, model="demo/coda")
        await expire_lease(process, UUID(started.run["id"]))
        run = await ended(person, started)

        assert run.status == "finished"
        assert len(await booked(person, run.id, status="done")) == 1
        await assert_sums_fit(person, run)


def _seq(frame: dict[str, object]) -> int:
    metadata = frame["metadata"]
    assert isinstance(metadata, dict)
    return int(metadata["coda"]["seq"])
