"""A Postgres that somebody else runs: a login with or without the right to make roles."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from coda.core.db import Database, DatabaseUrls
from coda.core.db.errors import DatabaseUnreachable, PgvectorMissing, RolesMissing
from coda.core.db.external import database_place, external_urls, libpq_url, prepare_external, roles_sql
from coda.core.db.migrations import migrate
from coda.core.settings import Settings
from tests.postgres_server import PostgresServer


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[PostgresServer]:
    """A server of its own, with nothing of Coda's in it."""
    async with PostgresServer(tmp_path, durable=False) as server:
        await as_dba(
            server, "postgres", "drop database coda", "drop role coda_owner, coda_app, coda_system",
            "create role builder login createrole password 'b'", "create role plain login password 'p'",
            "create database chat owner builder",
        )  # fmt: skip
        await as_dba(server, "chat", "grant create on schema public to builder with grant option")
        yield server


async def as_dba(server: PostgresServer, database: str, *statements: str) -> None:
    connection = await asyncpg.connect(server.superuser_url.replace("/coda?", f"/{database}?"))
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


def settings_for(server: PostgresServer, login: str, **more: str) -> Settings:
    """Settings with the login's URL, as a person would write it."""
    urls = {"database_url": login} | more
    host = server.superuser_url.split("host=")[1]
    return Settings.model_validate(
        {name: SecretStr(f"postgres://{login}:{login[0]}@/chat?host={host}") for name, login in urls.items()}
    )


async def serve_something(urls: DatabaseUrls) -> object:
    await migrate(urls)
    database = Database(urls, pool_size=2)
    try:
        async with database.transaction(None) as db, database.system() as system:
            from sqlalchemy import text

            return await db.scalar(text("select current_user")), await system.scalar(text("select current_user"))
    finally:
        await database.close()


class TestPrepare:
    async def test_a_login_that_may_make_roles_makes_them(self, server: PostgresServer) -> None:
        urls = external_urls(settings_for(server, "builder"))
        await as_dba(server, "chat", "create extension vector")

        await prepare_external(urls)
        await prepare_external(urls)

        assert await serve_something(urls) == ("coda_app", "coda_system")

    async def test_another_login_may_migrate(self, server: PostgresServer) -> None:
        urls = external_urls(settings_for(server, "plain", database_migration_url="builder"))
        await as_dba(server, "chat", "create extension vector")

        await prepare_external(urls)

        assert await serve_something(urls) == ("coda_app", "coda_system")

    async def test_a_dba_may_run_what_is_printed(self, server: PostgresServer) -> None:
        urls = external_urls(settings_for(server, "plain"))
        await as_dba(server, "chat", "create extension vector")
        with pytest.raises(RolesMissing, match="--print-roles"):
            await prepare_external(urls)

        await as_dba(server, "chat", roles_sql("plain", "plain"))
        await prepare_external(urls)

        assert await serve_something(urls) == ("coda_app", "coda_system")

    async def test_pgvector_that_only_a_dba_may_install_is_asked_for(self, server: PostgresServer) -> None:
        with pytest.raises(PgvectorMissing, match="create extension vector"):
            await prepare_external(external_urls(settings_for(server, "plain")))

    async def test_a_wrong_password_is_told_without_the_password(self, server: PostgresServer) -> None:
        urls = external_urls(settings_for(server, "nobody"))

        with pytest.raises(DatabaseUnreachable) as caught:
            await prepare_external(urls)
        assert "nobody:n@" not in caught.value.message

    async def test_a_server_that_is_not_there_is_told(self) -> None:
        settings = Settings.model_validate({"database_url": "postgresql://x:secret@127.0.0.1:1/chat"})

        with pytest.raises(DatabaseUnreachable, match=r"127\.0\.0\.1:1/chat cannot be used") as caught:
            await prepare_external(external_urls(settings))
        assert "secret" not in caught.value.message


class TestUrls:
    def test_each_use_has_its_own(self) -> None:
        settings = Settings.model_validate(
            {
                "database_url": "postgres://a@pooler/x?sslmode=require",
                "database_direct_url": "postgresql://a@db/x",
                "database_migration_url": "postgresql://dba@db/x",
            }
        )

        urls = external_urls(settings)

        assert urls.app == urls.system == "postgresql+asyncpg://a@pooler/x?ssl=require"
        assert urls.direct == "postgresql+asyncpg://a@db/x"
        assert urls.owner == "postgresql+asyncpg://dba@db/x"
        assert libpq_url(urls.app) == "postgresql://a@pooler/x?sslmode=require"
        assert database_place(urls.app) == "pooler:5432/x"

    @pytest.mark.parametrize("url", ["mysql://a@b/c", "not a url", "sqlite:///x.db"])
    def test_only_postgres_is_accepted(self, url: str) -> None:
        with pytest.raises(DatabaseUnreachable, match="postgresql://"):
            external_urls(Settings.model_validate({"database_url": url}))

    def test_names_are_quoted_for_the_dba(self) -> None:
        assert 'grant coda_app, coda_system to "a""b"' in roles_sql("dba", 'a"b')
