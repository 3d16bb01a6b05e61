"""Transactions, and what their errors may tell."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from coda.core.db import Database
from tests.postgres_server import as_owner


async def test_an_errors_text_does_not_show_what_people_wrote(database: Database) -> None:
    values = {"id": uuid4(), "email": "canary-7719@example.org"}
    with pytest.raises(DBAPIError) as caught:
        async with database.transaction(None) as db:
            await db.execute(text("insert into users (id, email, name, nothing) values (:id, :email, 'x', 1)"), values)

    assert "canary-7719" not in str(caught.value)


async def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    values = {"id": uuid4(), "email": f"{uuid4()}@example.org"}

    async def insert_and_fail() -> None:
        async with database.transaction(None) as db:
            await db.execute(text("insert into users (id, email, name) values (:id, :email, 'x')"), values)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await insert_and_fail()

    async with as_owner(database.urls) as owner:
        assert await owner.scalar(text("select count(*) from users where id = :id"), values) == 0
