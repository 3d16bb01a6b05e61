"""The revision that gives the instance rows of its own, on a database that was in use before it."""

from typing import Final
from uuid import uuid4

from sqlalchemy import text

from coda.core.db import Database, DatabaseUrls
from coda.core.db.migrations import find_migrations
from coda.core.scope import INSTANCE_ORG, Scope, System
from tests.core.db.migrating import go_to
from tests.postgres_server import as_owner

AFTER: Final = next((find_migrations() / "versions").glob("*_instance_rows.py")).name.split("_", 1)[0]
BEFORE: Final = f"{int(AFTER) - 1:04}"
STORED: Final = text(
    "insert into provider_connections"
    " (org_id, id, slug, kind, name, base_url, sealed_key, key_hint, allow_private, created_by)"
    " values (:org, :id, :slug, 'openai', 'Mine', 'https://api.openai.com/v1', :key, :hint, false, :org)"
)


async def test_keys_move_to_a_table_of_their_own_and_back(empty: DatabaseUrls) -> None:
    org_id = uuid4()
    with_key = {"org": org_id, "id": uuid4(), "slug": "mine", "key": b"\x01sealed", "hint": "…6789"}
    without = {"org": org_id, "id": uuid4(), "slug": "box", "key": None, "hint": None}
    await go_to(empty, BEFORE)
    async with as_owner(empty) as connection:
        for values in (with_key, without):
            await connection.execute(STORED, values)

    await go_to(empty, AFTER)
    database = Database(empty, pool_size=2)
    async with database.transaction(Scope(org_id, System())) as db:
        keys = (await db.execute(text("select connection_id, sealed_key, hint from provider_keys"))).all()
        open_to_all = list(await db.scalars(text("select is_restricted from provider_connections")))
    await database.close()
    async with as_owner(empty) as connection:
        instance = await connection.scalar(text("select id from organizations where kind = 'instance'"))
    assert [tuple(row) for row in keys] == [(with_key["id"], with_key["key"], with_key["hint"])]
    assert open_to_all == [False, False]
    assert instance == INSTANCE_ORG

    await go_to(empty, BEFORE, back=True)
    async with as_owner(empty) as connection:
        rows = await connection.execute(text("select id, sealed_key, key_hint from provider_connections"))
        assert {tuple(row) for row in rows} == {
            (with_key["id"], with_key["key"], with_key["hint"]),
            (without["id"], None, None),
        }
        assert await connection.scalar(text("select count(*) from organizations")) == 0
