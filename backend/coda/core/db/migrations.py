"""Brings the schema to the newest revision, once, however many processes start."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

import coda
from coda.core.db.database import DatabaseUrls
from coda.core.db.errors import SchemaNewer, SchemaOutdated

_LOCK = 0x0C0DA_5C4E  # any number that all Coda processes share


def find_migrations() -> Path:
    """The alembic folder: inside the installed package, else beside it in a checkout."""
    package = Path(coda.__file__).parent
    shipped = package / "_migrations"
    return shipped if shipped.is_dir() else package.parents[1] / "migrations"


def newest_revision() -> str:
    """The revision that this code knows; file names start with it."""
    return max(path.name.split("_", 1)[0] for path in (find_migrations() / "versions").glob("[0-9]*_*.py"))


async def find_revision(urls: DatabaseUrls) -> str | None:
    """The revision that the database is at, None before the first migration."""
    engine = owner_engine(urls)
    try:
        async with engine.connect() as connection:
            return await _current(connection)
    finally:
        await engine.dispose()


async def migrate(urls: DatabaseUrls) -> bool:
    """Run what is missing, in one transaction; False when the schema was new already. Raises SchemaNewer."""
    engine = owner_engine(urls)
    try:
        async with engine.begin() as connection:
            if _is_new(await _current(connection)):
                return False
            await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            if _is_new(await _current(connection)):
                return False
            await connection.run_sync(_upgrade)
            return True
    finally:
        await engine.dispose()


async def check_schema(urls: DatabaseUrls, *, patience: float = 0.0) -> None:
    """Wait up to `patience` seconds for another process to migrate; raises SchemaNewer or SchemaOutdated."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + patience
    while not _is_new(found := await find_revision(urls)):
        if clock() >= deadline:
            raise SchemaOutdated(found, known=newest_revision())
        await asyncio.sleep(0.25)


def _is_new(found: str | None) -> bool:
    known = newest_revision()
    if found is not None and found > known:
        raise SchemaNewer(found, known=known)
    return found == known


async def _current(connection: AsyncConnection) -> str | None:
    if await connection.scalar(text("select to_regclass('public.alembic_version')")) is None:
        return None
    revision: str | None = await connection.scalar(text("select version_num from public.alembic_version"))
    return revision


def _upgrade(connection: Connection) -> None:
    from alembic import command  # takes 150 ms to import and is needed only when the schema changes
    from alembic.config import Config

    config = Config(find_migrations() / "alembic.ini")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def owner_engine(urls: DatabaseUrls) -> AsyncEngine:
    """Connections as the owner of the tables, who sees the rows of all organizations; to be disposed of."""
    settings = {"application_name": "coda migrate"} | ({"role": "coda_owner"} if urls.set_role else {})
    return create_async_engine(urls.owner, poolclass=NullPool, connect_args={"server_settings": settings})
