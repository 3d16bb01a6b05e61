"""What a new embedded cluster gets once: the database `coda`, its three roles and the vector extension."""

import asyncpg

from coda.core.postgres.errors import EmbeddedPostgresFailed
from coda.core.postgres.folder import Passwords

ROLES = ("coda_owner", "coda_app", "coda_system")
DATABASE = "coda"


async def provision(socket_dir: str, passwords: Passwords) -> None:
    """Make roles, database and extension; what is there already is left as it is, so a broken first start heals."""
    server = await connect_as_superuser(socket_dir, passwords, "postgres")
    try:
        for role, password in zip(ROLES, (passwords.owner, passwords.app, passwords.system), strict=True):
            if not await server.fetchval("select 1 from pg_roles where rolname = $1", role):
                await server.execute(
                    f"create role {role} login nosuperuser nobypassrls nocreaterole nocreatedb password '{password}'"
                )
        if not await server.fetchval("select 1 from pg_database where datname = $1", DATABASE):
            await server.execute(f"create database {DATABASE} owner coda_owner")
        await server.execute(f"revoke connect, temporary on database {DATABASE} from public")
        await server.execute(f"grant connect on database {DATABASE} to coda_app, coda_system")
        await server.execute("revoke connect on database postgres from public")
    finally:
        await server.close()
    await equip(socket_dir, passwords, DATABASE)


async def equip(socket_dir: str, passwords: Passwords, database: str) -> None:
    """What only a superuser may do inside a database of ours."""
    connection = await connect_as_superuser(socket_dir, passwords, database)
    try:
        await connection.execute("create extension if not exists vector")
        # Lets full-text indexes work under row-level security: the operator shows nothing of the rows it looks at.
        await connection.execute("alter function pg_catalog.ts_match_vq(tsvector, tsquery) leakproof")
    finally:
        await connection.close()


async def connect_as_superuser(socket_dir: str, passwords: Passwords, database: str) -> asyncpg.Connection:
    """A connection as the cluster's superuser; raises EmbeddedPostgresFailed."""
    try:
        return await asyncpg.connect(
            host=socket_dir, user="postgres", password=passwords.superuser, database=database, timeout=10
        )
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise EmbeddedPostgresFailed(f"The embedded Postgres cannot be reached: {error}") from error
