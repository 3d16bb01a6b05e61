"""Rows of the instance under row-level security: read by those that they are for, changed by no organization."""

from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import coda
from coda.core.db import Database
from coda.core.scope import INSTANCE_ORG, Person, Scope, System
from tests.postgres_server import as_owner

# Whoever names the instance's organization can open transactions that change its rows. Adding a module is a decision.
MODULES_THAT_NAME_THE_INSTANCE: Final = {
    "access/instance.py",
    "core/scope.py",
    "llm/models.py",
    "llm/providers/connected.py",
    "llm/schemas.py",
    "organizations/models.py",
    "organizations/repository/organizations.py",
    "tools/sources/joined.py",
    "tools/sources/schemas.py",
    "tools/sources/started/named.py",
}
MODULES_THAT_ENTER_IT: Final = {"llm/wiring.py", "tools/sources/wiring.py"}
INSTANCE: Final = Scope(INSTANCE_ORG, System())


async def found_organization(database: Database) -> Scope:
    scope = Scope(uuid4(), System())
    async with database.transaction(scope) as db:
        await db.execute(
            text("insert into organizations (id, name, kind) values (:id, 'An organization', 'shared')"),
            {"id": scope.org_id},
        )
    return scope


async def connect(database: Database, scope: Scope, *, named: tuple[Scope, ...] | None = None) -> UUID:
    """A connection with a key; for the named organizations only, where any are named."""
    values = {"org": scope.org_id, "id": uuid4(), "slug": uuid4().hex, "restricted": named is not None}
    async with database.transaction(scope) as db:
        await db.execute(
            text(
                "insert into provider_connections"
                " (org_id, id, slug, kind, name, base_url, allow_private, is_restricted, created_by)"
                " values (:org, :id, :slug, 'openai', 'A name', 'http://10.0.0.7', false, :restricted, :id)"
            ),
            values,
        )
        await db.execute(
            text("insert into provider_keys (org_id, connection_id, sealed_key) values (:org, :id, 'sealed')"), values
        )
        for other in named or ():
            await db.execute(
                text("insert into connection_visibility (org_id, connection_id, visible_to) values (:org, :id, :to)"),
                values | {"to": other.org_id},
            )
    return UUID(str(values["id"]))


async def seen(database: Database, scope: Scope | None, query: str, **values: object) -> list[object]:
    async with database.transaction(scope) as db:
        return list(await db.scalars(text(query), values))


class TestReading:
    async def test_every_organization_reads_an_open_connection(self, database: Database) -> None:
        connection_id = await connect(database, INSTANCE)
        ours = await found_organization(database)

        read = "select id from provider_connections where id = :id"
        assert await seen(database, ours, read, id=connection_id) == [connection_id]
        assert await seen(database, None, read, id=connection_id) == []

    async def test_only_named_organizations_read_a_restricted_one(self, database: Database) -> None:
        ours, theirs = await found_organization(database), await found_organization(database)
        for_us = await connect(database, INSTANCE, named=(ours,))
        for_nobody = await connect(database, INSTANCE, named=())

        read = "select id from provider_connections where id = any(:ids)"
        assert await seen(database, ours, read, ids=[for_us, for_nobody]) == [for_us]
        assert await seen(database, theirs, read, ids=[for_us, for_nobody]) == []
        assert await seen(database, None, read, ids=[for_us, for_nobody]) == []

    async def test_an_organization_learns_that_it_is_named_and_not_who_else_is(self, database: Database) -> None:
        ours, theirs = await found_organization(database), await found_organization(database)
        connection_id = await connect(database, INSTANCE, named=(ours, theirs))

        read = "select visible_to from connection_visibility where connection_id = :id"
        assert await seen(database, ours, read, id=connection_id) == [ours.org_id]
        assert set(await seen(database, INSTANCE, read, id=connection_id)) == {ours.org_id, theirs.org_id}

    async def test_no_organization_reads_a_key_of_the_instance(self, database: Database) -> None:
        ours = await found_organization(database)
        await connect(database, INSTANCE)
        await connect(database, INSTANCE, named=(ours,))

        assert await seen(database, ours, "select connection_id from provider_keys") == []
        assert await seen(database, None, "select connection_id from provider_keys") == []
        assert await seen(database, INSTANCE, "select connection_id from provider_keys") != []

    async def test_the_connections_of_another_organization_stay_its_own(self, database: Database) -> None:
        ours, theirs = await found_organization(database), await found_organization(database)
        connection_id = await connect(database, theirs)

        for table, key in (("provider_connections", "id"), ("provider_keys", "connection_id")):
            read = f"select {key} from {table} where {key} = :id"  # noqa: S608 - our own words only
            assert await seen(database, ours, read, id=connection_id) == []
            assert await seen(database, INSTANCE, read, id=connection_id) == []

    async def test_the_chats_of_organizations_are_closed_to_the_instance(self, database: Database) -> None:
        ours = await found_organization(database)
        async with database.transaction(ours) as db:
            await db.execute(
                text("insert into chat_sessions (org_id, id, owner_id) values (:org, :id, :id)"),
                {"org": ours.org_id, "id": uuid4()},
            )

        assert await seen(database, INSTANCE, "select id from chat_sessions") == []


class TestWriting:
    @pytest.mark.parametrize(
        "statement",
        [
            "update provider_connections set base_url = 'http://thief' where id = :id returning id",
            "update provider_connections set is_restricted = false where id = :id returning id",
            "delete from provider_connections where id = :id returning id",
            "update provider_keys set sealed_key = 'x' where connection_id = :id returning connection_id",
            "delete from provider_keys where connection_id = :id returning connection_id",
            "update connection_visibility set visible_to = :org where connection_id = :id returning connection_id",
            "delete from connection_visibility where connection_id = :id returning connection_id",
            "select id from provider_connections where id = :id for update",
        ],
    )
    async def test_an_organization_changes_and_removes_nothing(self, database: Database, statement: str) -> None:
        ours = await found_organization(database)
        connection_id = await connect(database, INSTANCE, named=(ours,))

        assert await seen(database, ours, statement, id=connection_id, org=ours.org_id) == []
        read = "select base_url from provider_connections where id = :id and is_restricted"
        assert await seen(database, INSTANCE, read, id=connection_id) == ["http://10.0.0.7"]

    @pytest.mark.parametrize(
        "statement",
        [
            "insert into provider_connections (org_id, id, slug, kind, name, allow_private, created_by)"
            " values (:instance, :new, 'x', 'openai', 'x', false, :new)",
            "insert into provider_keys (org_id, connection_id, sealed_key) values (:instance, :id, 'x')",
            "insert into connection_visibility (org_id, connection_id, visible_to) values (:instance, :id, :org)",
            "update provider_connections set org_id = :instance where id = :own",
        ],
    )
    async def test_an_organization_adds_nothing(self, database: Database, statement: str) -> None:
        ours = await found_organization(database)
        values = {
            "instance": INSTANCE_ORG,
            "new": uuid4(),
            "id": await connect(database, INSTANCE, named=()),
            "own": await connect(database, ours),
            "org": ours.org_id,
        }

        with pytest.raises(DBAPIError, match="row-level security"):
            async with database.transaction(ours) as db:
                await db.execute(text(statement), values)

    async def test_an_organization_cannot_share_its_own_connections(self, database: Database) -> None:
        ours, theirs = await found_organization(database), await found_organization(database)
        connection_id = await connect(database, ours)

        with pytest.raises(DBAPIError, match="ck_connection_visibility_instance"):
            async with database.transaction(ours) as db:
                await db.execute(
                    text(
                        "insert into connection_visibility (org_id, connection_id, visible_to) values (:org, :id, :to)"
                    ),
                    {"org": ours.org_id, "id": connection_id, "to": theirs.org_id},
                )


class TestTheOrganization:
    async def test_there_is_one(self, database: Database) -> None:
        async with as_owner(database.urls) as owner:
            kinds = await owner.scalars(text("select id from organizations where kind = 'instance'"))
        assert list(kinds) == [INSTANCE_ORG]
        another = text("insert into organizations (id, name, kind) values (:id, 'Another', 'instance')")
        with pytest.raises(DBAPIError, match="ck_organizations_instance"):
            async with as_owner(database.urls) as owner:
                await owner.execute(another, {"id": uuid4()})
        with pytest.raises(DBAPIError, match="row-level security"):
            async with database.transaction(None) as db:
                await db.execute(another, {"id": uuid4()})

    async def test_nobody_can_be_its_member(self, database: Database) -> None:
        user_id = uuid4()
        async with database.transaction(None) as db:
            await db.execute(
                text("insert into users (id, email, name) values (:id, :email, 'A person')"),
                {"id": user_id, "email": f"{user_id}@example.org"},
            )
        with pytest.raises(DBAPIError, match="ck_memberships_instance"):
            async with database.transaction(Scope(INSTANCE_ORG, Person(user_id))) as db:
                await db.execute(
                    text("insert into memberships (org_id, user_id, role) values (:org, :id, 'admin')"),
                    {"org": INSTANCE_ORG, "id": user_id},
                )

    @pytest.mark.parametrize(
        ("word", "modules"),
        [("INSTANCE_ORG", MODULES_THAT_NAME_THE_INSTANCE), ("import enter_instance", MODULES_THAT_ENTER_IT)],
    )
    def test_few_modules_work_on_its_rows(self, word: str, modules: set[str]) -> None:
        package = Path(coda.__file__).parent
        naming = {
            path.relative_to(package).as_posix() for path in package.rglob("*.py") if word in path.read_text("utf-8")
        }
        assert naming == modules
