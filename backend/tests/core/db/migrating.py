"""Moves a database from one revision to another."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from coda.core.db import DatabaseUrls
from coda.core.db.migrations import find_migrations
from tests.postgres_server import as_owner


async def go_to(urls: DatabaseUrls, revision: str, *, back: bool = False) -> None:
    def move(connection: Connection) -> None:
        config = Config(find_migrations() / "alembic.ini")
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, revision)

    async with as_owner(urls) as connection:
        await connection.run_sync(move)
