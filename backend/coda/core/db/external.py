"""A Postgres that somebody else runs: its URLs, its fitness, and Coda's roles in it."""

import asyncpg
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from coda.core.db.database import DatabaseUrls
from coda.core.db.errors import DatabaseTooOld, DatabaseUnreachable, PgvectorMissing, RolesMissing
from coda.core.settings import Settings

OLDEST_SUPPORTED = 15
ROLES = ("coda_owner", "coda_app", "coda_system")
_CONNECT_TIMEOUT = 10


def external_urls(settings: Settings) -> DatabaseUrls:
    """One login for all roles; each connection takes its role by a startup parameter."""
    if settings.database_url is None:
        raise ValueError("CODA_DATABASE_URL is not set")
    served = _driver_url(settings.database_url.get_secret_value())
    direct = settings.database_direct_url
    migrating = settings.database_migration_url
    direct_url = _driver_url(direct.get_secret_value()) if direct else served
    owner = _driver_url(migrating.get_secret_value()) if migrating else direct_url
    return DatabaseUrls(owner=owner, app=served, system=served, direct=direct_url, set_role=True)


async def prepare_external(urls: DatabaseUrls) -> None:
    """Check version and pgvector, and make the roles if this login may.

    Raises DatabaseUnreachable, DatabaseTooOld, PgvectorMissing or RolesMissing.
    """
    serving_login = make_url(urls.app).username or ""
    connection = await _connect(urls.owner)
    try:
        major = connection.get_server_version().major
        if major < OLDEST_SUPPORTED:
            raise DatabaseTooOld(str(major), needed=OLDEST_SUPPORTED)
        await _ensure_vector(connection)
        if not await _has_roles(connection, serving_login):
            try:
                async with connection.transaction():
                    await connection.execute(roles_sql(await _login(connection), serving_login))
            except asyncpg.InsufficientPrivilegeError:
                raise RolesMissing(await _login(connection)) from None
    finally:
        await connection.close()


def roles_sql(migrating_login: str, serving_login: str) -> str:
    """The SQL that sets up Coda's roles; a DBA can run it by hand."""
    lines = ["do $$ begin"]
    for role in ROLES:
        lines += [
            f"  if not exists (select from pg_roles where rolname = '{role}') then",
            f"    create role {role} nologin nosuperuser nobypassrls nocreaterole nocreatedb;",
            "  end if;",
        ]
    lines += ["end $$;", f"grant {', '.join(ROLES)} to {_identifier(migrating_login)};"]
    if serving_login not in ("", migrating_login):
        lines.append(f"grant coda_app, coda_system to {_identifier(serving_login)};")
    lines += [
        "grant usage, create on schema public to coda_owner;",
        "grant usage on schema public to coda_app, coda_system;",
    ]
    return "\n".join(lines) + "\n"


def database_place(url: str) -> str:
    """`host:port/name` of a URL: what may be shown."""
    parsed = make_url(url)
    host = parsed.host or parsed.query.get("host") or "localhost"
    return f"{host}:{parsed.port or 5432}/{parsed.database or ''}"


def libpq_url(url: str) -> str:
    """The URL as pg_dump and asyncpg read it."""
    parsed = make_url(url).set(drivername="postgresql")
    query = dict(parsed.query)
    if "ssl" in query:
        query["sslmode"] = query.pop("ssl")
    return parsed.set(query=query).render_as_string(hide_password=False)


def _driver_url(url: str) -> str:
    """Any common spelling of a Postgres URL, as SQLAlchemy's asyncpg dialect reads it."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseUnreachable(
            "CODA_DATABASE_URL", "it is not a URL like postgresql://user:password@host/name"
        ) from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise DatabaseUnreachable(
            "CODA_DATABASE_URL", "only Postgres is supported, as postgresql://user:password@host/name"
        )
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    parsed = URL.create(
        "postgresql+asyncpg", parsed.username, parsed.password, parsed.host, parsed.port, parsed.database, query
    )
    return parsed.render_as_string(hide_password=False)


async def _connect(url: str) -> asyncpg.Connection:
    place = database_place(url)
    try:
        return await asyncpg.connect(libpq_url(url), timeout=_CONNECT_TIMEOUT)
    except TimeoutError:
        raise DatabaseUnreachable(place, f"no answer within {_CONNECT_TIMEOUT} s") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise DatabaseUnreachable(place, str(error).rstrip(".") or type(error).__name__) from error


async def _ensure_vector(connection: asyncpg.Connection) -> None:
    if await connection.fetchval("select 1 from pg_extension where extname = 'vector'"):
        return
    if not await connection.fetchval("select 1 from pg_available_extensions where name = 'vector'"):
        raise PgvectorMissing("install the package pgvector on the database server")
    try:
        await connection.execute("create extension if not exists vector")
    except asyncpg.InsufficientPrivilegeError:
        raise PgvectorMissing("have a DBA run `create extension vector` in Coda's database") from None


async def _has_roles(connection: asyncpg.Connection, serving_login: str) -> bool:
    """Whether the roles exist, both logins may take them, and the owner may create tables."""
    known = await connection.fetchval("select count(*) from pg_roles where rolname = any($1::text[])", list(ROLES))
    if known < len(ROLES):
        return False
    login = await _login(connection)
    return bool(
        await connection.fetchval(
            "select pg_has_role($1, 'coda_owner', 'member') and pg_has_role($2, 'coda_app', 'member')"
            " and pg_has_role($2, 'coda_system', 'member') and has_schema_privilege('coda_owner', 'public', 'create')",
            login,
            serving_login or login,
        )
    )


async def _login(connection: asyncpg.Connection) -> str:
    return str(await connection.fetchval("select session_user"))


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
