"""What models and tools say is stored, whatever characters are in it."""

import json
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, text

from coda.core.db import Database
from coda.core.ids import new_id
from coda.organizations.models import Organization

HALF = json.loads('"\\ud800"')


async def stored(database: Database, query: str, value: object) -> Any:  # noqa: ANN401 - any column
    async with database.transaction(None) as db:
        return (await db.execute(text(query), {"value": value})).scalar_one()


@pytest.mark.parametrize(("said", "kept"), [("a\0b", "ab"), (f"a{HALF}", "a\ufffd"), ("a\\u0000b", "a\\u0000b")])
async def test_texts_are_stored_without_what_postgres_refuses(database: Database, said: str, kept: str) -> None:
    assert await stored(database, "select cast(:value as text)", said) == kept
    assert await stored(database, "select cast(:value as text[])", [said, "x"]) == [kept, "x"]


async def test_json_is_stored_without_it_too(database: Database) -> None:
    said = orjson.dumps({"a\0": ["b\0c", "\\u0000", 1]}).decode()

    assert await stored(database, "select cast(:value as jsonb)", said) == {"a": ["bc", "\\u0000", 1]}


async def test_rows_of_models_are_stored_alike(database: Database) -> None:
    row_id = new_id()
    async with database.transaction(None) as db:
        db.add(Organization(id=row_id, name=f"a\0b{HALF}", kind="shared"))
    async with database.transaction(None) as db:
        assert (await db.get_one(Organization, row_id)).name == "ab\ufffd"


async def test_several_rows_in_one_statement_are_stored_alike(database: Database) -> None:
    ids = [new_id(), new_id()]
    async with database.transaction(None) as db:
        query = insert(Organization).returning(Organization.name)
        rows = [{"id": each, "name": "a\0b", "kind": "shared"} for each in ids]
        assert list(await db.scalars(query, rows)) == ["ab", "ab"]
