"""Steps are in the database once their transaction stands, and are written again where it did not."""

import pytest

from coda.assembly import Process
from coda.runs.execution.steps import StepLog
from coda.runs.execution.transactions import FencedTransactions
from coda.runs.repository import StepRepository
from tests.runs.claims import stage_run
from tests.runs.conftest import Person


class Cut(Exception):
    """The database goes away in the middle of a transaction."""


async def write(transactions: FencedTransactions, steps: StepLog, *, is_cut: bool = False) -> None:
    async with transactions.fenced() as db:
        await steps.flush(db, transactions.scope)
        if is_cut:
            raise Cut


@pytest.mark.parametrize("begun_before", [True, False])
async def test_what_was_rolled_back_is_written_again(process: Process, person: Person, begun_before: bool) -> None:
    run = await stage_run(person)
    transactions = FencedTransactions(process.database, scope=person.scope, run_id=run.id, fence=1)
    steps = StepLog(run_id=run.id, root_run_id=run.id)
    step = steps.open("model", "demo/coda")
    if begun_before:
        await write(transactions, steps)
    step.usage = {"input_tokens": 7}
    step.finish()

    with pytest.raises(Cut):
        await write(transactions, steps, is_cut=True)
    async with transactions.fenced():
        pass  # another one that writes no steps says nothing about them
    await write(transactions, steps)

    async with transactions.unfenced() as db:
        (stored,) = await StepRepository(db, person.scope).list_steps(run.id, after=0, limit=10)
    assert (stored.status, stored.usage) == ("done", {"input_tokens": 7})


async def test_two_at_once_write_each_step_once(process: Process, person: Person) -> None:
    run = await stage_run(person)
    transactions = FencedTransactions(process.database, scope=person.scope, run_id=run.id, fence=1)
    steps = StepLog(run_id=run.id, root_run_id=run.id)
    steps.open("tool", "first")

    async with transactions.fenced() as one:
        await steps.flush(one, transactions.scope)
        steps.open("tool", "second").finish()
        await write(transactions, steps)
    steps.finish_open("cancelled")
    await write(transactions, steps)

    async with transactions.unfenced() as db:
        stored = await StepRepository(db, person.scope).list_steps(run.id, after=0, limit=10)
    assert [(step.name, step.status) for step in stored] == [("first", "cancelled"), ("second", "done")]
