"""What can be wrong with the database; each message is one sentence for a terminal."""

import asyncpg
from sqlalchemy.exc import DBAPIError

from coda.core.errors import CodaError, ErrorKind

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What the driver raises by itself, where no statement is under way that SQLAlchemy could translate it for."""

_AWAY_STATES = ("08", "53", "57", "40")  # no connection, no resources, shutting down, rolled back for another's sake


class ConditionFailed(Exception):
    """A transaction was not begun, because its condition did not hold."""


class DatabaseUnavailable(CodaError):
    """No connection to the database could be had while serving."""

    kind = ErrorKind.UNAVAILABLE
    code = "core.database_unavailable"

    def __init__(self) -> None:
        super().__init__("The database does not answer. Try again in a moment.", retry_after=5)


class DatabaseUnreachable(CodaError):
    """At start: no connection, or the login was refused."""

    kind = ErrorKind.UNAVAILABLE
    code = "database.unreachable"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"The database at {place} cannot be used: {reason}.", place=place)


class DatabaseTooOld(CodaError):
    """The server is older than what the schema needs."""

    kind = ErrorKind.UNAVAILABLE
    code = "database.too_old"

    def __init__(self, found: str, *, needed: int) -> None:
        super().__init__(f"The database is Postgres {found}; Coda needs Postgres {needed} or newer.", found=found)


class PgvectorMissing(CodaError):
    """The extension cannot be had on this server."""

    kind = ErrorKind.UNAVAILABLE
    code = "database.pgvector_missing"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The database has no pgvector extension: {reason}.")


class RolesMissing(CodaError):
    """Coda's roles are not there and this login may not make them."""

    kind = ErrorKind.FORBIDDEN
    code = "database.roles_missing"

    def __init__(self, login: str) -> None:
        super().__init__(
            f"The database login {login} may not set up Coda's roles: set CODA_DATABASE_MIGRATION_URL to one that may, "
            "or have a DBA run what `coda migrate --print-roles` prints.",
            login=login,
        )


class SchemaNewer(CodaError):
    """The database was migrated by a newer Coda."""

    kind = ErrorKind.CONFLICT
    code = "database.schema_newer"

    def __init__(self, found: str, *, known: str) -> None:
        super().__init__(
            f"The database has schema {found}, newer than the {known} this Coda knows; install a newer Coda.",
            found=found,
            known=known,
        )


class SchemaOutdated(CodaError):
    """The database waits for migrations that this process does not run."""

    kind = ErrorKind.UNAVAILABLE
    code = "database.schema_outdated"

    def __init__(self, found: str | None, *, known: str) -> None:
        super().__init__(
            f"The database has schema {found or 'none'}, this Coda needs {known}; run `coda migrate`.",
            found=found,
            known=known,
        )


OUTAGES = (OSError, DBAPIError, DatabaseUnavailable, *DRIVER_ERRORS)
"""The kinds of errors of which some tell of an outage: `is_database_outage` knows which."""


def is_database_away(error: BaseException) -> bool:
    """Whether an error says that the database does not answer now, and that the same may succeed in a moment."""
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return error.connection_invalidated or state.startswith(_AWAY_STATES)
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "").startswith(_AWAY_STATES)
    return isinstance(error, (DatabaseUnavailable, ConnectionError, *DRIVER_ERRORS))


def is_database_outage(error: BaseException) -> bool:
    """The same for work that does nothing but ask the database, so that whatever the network says is about that."""
    return isinstance(error, OSError) or is_database_away(error)
