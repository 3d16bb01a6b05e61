"""The embedded Postgres with what only tests do to it: further databases, and its superuser's login."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from coda.core.db import DatabaseUrls
from coda.core.postgres import EmbeddedPostgres
from coda.core.postgres.provision import DATABASE, connect_as_superuser, equip


@asynccontextmanager
async def as_owner(urls: DatabaseUrls) -> AsyncIterator[AsyncConnection]:
    """One transaction as the role that migrates: it sees and changes every row."""
    settings = {"role": "coda_owner"} if urls.set_role else {}
    engine = create_async_engine(urls.owner, poolclass=NullPool, connect_args={"server_settings": settings})
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


class PostgresServer(EmbeddedPostgres):
    """A server whose databases come and go."""

    @property
    def superuser_url(self) -> str:
        """Where one sees every row."""
        return self._url("postgres", self._known_passwords().superuser, DATABASE, driver="postgresql")

    async def create_database(self, name: str, *, template: str = "template0") -> DatabaseUrls:
        """A further database with the same roles."""
        copied = "strategy file_copy"  # two thirds of the work of a copy through the log
        await self._administer(f'create database "{name}" owner coda_owner template "{template}" {copied}')
        if template == "template0":
            await equip(str(self._folder.socket_dir()), self._known_passwords(), name)
        return self.urls(name)

    async def drop_database(self, name: str) -> None:
        """Remove a database, with whoever is connected to it."""
        await self._administer(f'drop database if exists "{name}" with (force)')

    async def _administer(self, statement: str) -> None:
        server = await connect_as_superuser(str(self._folder.socket_dir()), self._known_passwords(), "postgres")
        try:
            await server.execute(statement)
        finally:
            await server.close()
