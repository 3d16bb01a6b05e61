"""What models and tools say is stored, whatever characters are in it."""

import json
from typing import Any

import orjson
import pytest
from sqlalchemy import insert, text

from coda.core.db import Database
from coda.core.ids import new_id
from coda.core.scope import Scope, System
from coda.tools.models import StoredToolSpec

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
    scope = Scope(new_id(), System())
    async with database.transaction(scope) as db:
        db.add(StoredToolSpec(org_id=scope.org_id, sha256=b"1", spec=f"a\0b{HALF}"))
    async with database.transaction(scope) as db:
        assert (await db.get_one(StoredToolSpec, (scope.org_id, b"1"))).spec == "ab\ufffd"


async def test_several_rows_in_one_statement_are_stored_alike(database: Database) -> None:
    scope = Scope(new_id(), System())
    async with database.transaction(scope) as db:
        query = insert(StoredToolSpec).returning(StoredToolSpec.spec)
        rows = [{"org_id": scope.org_id, "sha256": each, "spec": "a\0b"} for each in (b"1", b"2")]
        assert list(await db.scalars(query, rows)) == ["ab", "ab"]


@pytest.mark.parametrize("number", [1e308, -1e308, 1e-300, 0.1])
async def test_a_number_comes_back_as_it_was(database: Database, number: float) -> None:
    kept = await stored(database, "select cast(:value as jsonb)", orjson.dumps({"at": number}).decode())

    assert (kept, type(kept["at"])) == ({"at": number}, float)
