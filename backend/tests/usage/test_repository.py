"""The ledger and reservations, on the real database."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Person, Scope
from coda.usage.models import LedgerEntry, Reservation
from coda.usage.types import UsageRecord, UsageSource
from coda.usage.wiring import ledger, reservations

RECORD = UsageRecord("openai", "gpt-4o", "api.openai.com", 100, 20, 5, 50, Decimal("0.0000123456"), "computed", "v1")


@pytest.fixture
def scope() -> Scope:
    return Scope(uuid4(), Person(uuid4()))


def source(scope: Scope, **more: object) -> UsageSource:
    assert scope.user_id is not None
    return replace(UsageSource(new_id(), scope.user_id, "answer"), **more)  # type: ignore[arg-type]  # fields by name


class TestLedger:
    async def test_an_entry_keeps_every_digit(self, database: Database, scope: Scope) -> None:
        booked = source(scope, session_id=uuid4(), run_id=uuid4())
        async with database.transaction(scope) as db:
            assert await ledger(db, scope).book(booked, RECORD)

        async with database.transaction(scope) as db:
            entry = (await db.scalars(select(LedgerEntry))).one()
        assert entry.cost_usd == Decimal("0.0000123456")
        assert (entry.source_id, entry.user_id, entry.purpose) == (booked.source_id, scope.user_id, "answer")

    async def test_the_same_source_is_booked_once(self, database: Database, scope: Scope) -> None:
        booked = source(scope)
        async with database.transaction(scope) as db:
            assert await ledger(db, scope).book(booked, RECORD)
        async with database.transaction(scope) as db:
            assert not await ledger(db, scope).book(booked, replace(RECORD, output_tokens=999))

        async with database.transaction(scope) as db:
            assert (await db.scalars(select(LedgerEntry.output_tokens))).all() == [20]

    async def test_entries_cannot_be_changed_or_removed(self, database: Database, scope: Scope) -> None:
        async with database.transaction(scope) as db:
            await ledger(db, scope).book(source(scope), RECORD)

        for change in ("update ledger_entries set cost_usd = 0", "delete from ledger_entries"):
            with pytest.raises(DBAPIError):
                await self.execute(database, scope, change)

    async def execute(self, database: Database, scope: Scope, statement: str) -> None:
        async with database.transaction(scope) as db:
            await (await db.connection()).exec_driver_sql(statement)

    async def test_totals_of_a_session_are_its_persons(self, database: Database, scope: Scope) -> None:
        session_id = uuid4()
        other = Scope(scope.org_id, Person(uuid4()))
        async with database.transaction(scope) as db:
            for record in (RECORD, RECORD, replace(RECORD, cost_usd=None)):
                await ledger(db, scope).book(source(scope, session_id=session_id), record)
            await ledger(db, scope).book(source(scope, session_id=uuid4()), RECORD)
            await ledger(db, other).book(source(other, session_id=session_id), RECORD)

        async with database.transaction(scope) as db:
            totals = await ledger(db, scope).session_totals(session_id)
            nothing = await ledger(db, scope).session_totals(uuid4())
        assert (totals.calls, totals.input_tokens, totals.output_tokens) == (3, 300, 60)
        assert (totals.cost_usd, totals.unpriced_calls) == (Decimal("0.0000246912"), 1)
        assert totals.confidence == RECORD.confidence
        assert (nothing.calls, nothing.cost_usd, nothing.confidence) == (0, Decimal(0), None)

    async def test_the_last_model_is_that_of_the_last_answer(self, database: Database, scope: Scope) -> None:
        async with database.transaction(scope) as db:
            assert await ledger(db, scope).last_model() is None
        for model, purpose in (("first", "answer"), ("second", "answer"), ("namer", "title")):
            async with database.transaction(scope) as db:
                await ledger(db, scope).book(source(scope, purpose=purpose), replace(RECORD, model=model))

        async with database.transaction(scope) as db:
            assert await ledger(db, scope).last_model() == "openai/second"

    async def test_another_organization_sees_nothing(self, database: Database, scope: Scope) -> None:
        async with database.transaction(scope) as db:
            await ledger(db, scope).book(source(scope), RECORD)

        async with database.transaction(Scope(uuid4(), scope.actor)) as db:
            assert (await db.scalars(select(LedgerEntry.id))).all() == []


class TestReservations:
    async def states(self, database: Database, scope: Scope) -> list[str]:
        async with database.transaction(scope) as db:
            return list((await db.scalars(select(Reservation.state).order_by(Reservation.created_at))).all())

    async def test_a_run_settles_its_own_holds_only(self, database: Database, scope: Scope) -> None:
        run_id, user_id = uuid4(), uuid4()
        async with database.transaction(scope) as db:
            book = reservations(db, scope)
            await book.hold(run_id=run_id, user_id=user_id, amount_usd=Decimal("1.5"))
            await book.hold(run_id=uuid4(), user_id=user_id, amount_usd=None)
            await book.settle(run_id)

        assert sorted(await self.states(database, scope)) == ["held", "settled"]

    async def test_what_is_settled_stays_settled(self, database: Database, scope: Scope) -> None:
        run_id = uuid4()
        async with database.transaction(scope) as db:
            book = reservations(db, scope)
            await book.hold(run_id=run_id, user_id=uuid4(), amount_usd=Decimal(1))
            await book.settle(run_id)
            await book.release(run_id)

        assert await self.states(database, scope) == ["settled"]

    async def test_a_release_gives_it_back(self, database: Database, scope: Scope) -> None:
        run_id = uuid4()
        async with database.transaction(scope) as db:
            book = reservations(db, scope)
            await book.hold(run_id=run_id, user_id=uuid4(), amount_usd=Decimal(1))
            await book.release(run_id)

        assert await self.states(database, scope) == ["released"]
