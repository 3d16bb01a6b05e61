"""The schema's way to the newest revision."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest

from coda.core.db import Database, DatabaseUrls
from coda.core.db.errors import SchemaNewer, SchemaOutdated
from coda.core.db.external import libpq_url
from coda.core.db.migrations import check_schema, find_migrations, find_revision, migrate, newest_revision
from tests.postgres_server import PostgresServer


@pytest.fixture
async def empty(postgres: PostgresServer) -> AsyncIterator[DatabaseUrls]:
    name = f"empty_{uuid4().hex[:8]}"
    yield await postgres.create_database(name)
    await postgres.drop_database(name)


async def set_revision(urls: DatabaseUrls, revision: str) -> None:
    connection = await asyncpg.connect(libpq_url(urls.owner))
    await connection.execute("update alembic_version set version_num = $1", revision)
    await connection.close()


async def test_an_empty_database_becomes_new(empty: DatabaseUrls) -> None:
    assert await find_revision(empty) is None
    assert await migrate(empty) is True
    assert await find_revision(empty) == newest_revision()
    assert await migrate(empty) is False


async def test_many_processes_at_once_migrate_once(empty: DatabaseUrls) -> None:
    changed = await asyncio.gather(*(migrate(empty) for _ in range(4)))

    assert sorted(changed) == [False, False, False, True]


async def test_a_newer_schema_is_refused(empty: DatabaseUrls) -> None:
    await migrate(empty)
    await set_revision(empty, "9999")

    with pytest.raises(SchemaNewer, match="install a newer Coda"):
        await migrate(empty)
    with pytest.raises(SchemaNewer):
        await check_schema(empty)


async def test_a_worker_waits_for_the_migration(empty: DatabaseUrls) -> None:
    with pytest.raises(SchemaOutdated, match="coda migrate"):
        await check_schema(empty)

    waiting = asyncio.create_task(check_schema(empty, patience=20))
    await migrate(empty)
    await waiting


async def test_the_models_say_what_the_migrations_made(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from sqlalchemy import Connection

    from coda.tables import metadata

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with database.app_engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_file_names_begin_with_their_revision() -> None:
    for path in (find_migrations() / "versions").glob("*.py"):
        assert f'revision = "{path.name.split("_", 1)[0]}"' in path.read_text()
