"""Engines for the two roles that serve, and the one way to open a transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from coda.core.db.errors import DRIVER_ERRORS, DatabaseUnavailable
from coda.core.db.scoped_connection import ScopedConnection, opening_for, opening_for_user
from coda.core.db.storable import keep_storable
from coda.core.scope import Scope

_SET_USER = text("select set_config('app.user', :user, true)")
_SET_SCOPE = text("select set_config('app.org', :org, true), set_config('app.user', :user, true)")


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """Where each role signs in; `role_*` is set where one login serves all roles by SET ROLE."""

    owner: str
    app: str
    system: str
    direct: str
    set_role: bool = False


class Database:
    """Connections as `coda_app` (row-level security by scope) and `coda_system` (named tables only).

    Whoever is inside a transaction must not open another one: under load every connection would wait for one more.
    """

    def __init__(self, urls: DatabaseUrls, *, pool_size: int = 12, timeout: timedelta = timedelta(seconds=15)) -> None:
        self.urls = urls
        app, system = ("coda_app", "coda_system") if urls.set_role else (None, None)
        self.app_engine = _engine(urls.app, role=app, pool_size=pool_size, timeout=timeout)
        self.system_engine = _engine(urls.system, role=system, pool_size=4, timeout=timeout)
        self._sessions = async_sessionmaker(self.app_engine, expire_on_commit=False)
        self._single_statements = async_sessionmaker(self.app_engine.execution_options(isolation_level="AUTOCOMMIT"))

    @asynccontextmanager
    async def transaction(self, scope: Scope | None) -> AsyncIterator[AsyncSession]:
        """One transaction as `coda_app`; commits at the end, rolls back on an error.

        Without a scope only the global tables are visible.
        """
        async with self._sessions() as db, db.begin():
            await _open(db, scope)
            yield db

    @asynccontextmanager
    async def transaction_if(self, scope: Scope, condition: str) -> AsyncIterator[AsyncSession]:
        """The same where a query (without parameters, the last of several) finds a row, in the round trip of the BEGIN.

        BEGIN goes out with the first statement, which raises ConditionFailed.
        """
        async with self._sessions() as db, db.begin():
            driver = await _driver(db)
            driver.opening, driver.is_conditional = f"{opening_for(scope.org_id, scope.user_id)}{condition};", True
            yield db

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncSession]:
        """Single statements on global tables as `coda_app`, each committed by itself in one round trip."""
        async with self._single_statements() as db:
            await _open(db, None)
            yield db

    @asynccontextmanager
    async def system(self) -> AsyncIterator[AsyncConnection]:
        """One transaction as `coda_system`, for the log writer and clean-up."""
        async with self.system_engine.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Close all connections."""
        await self.app_engine.dispose()
        await self.system_engine.dispose()


async def bind_scope(db: AsyncSession, scope: Scope) -> None:
    """Set `app.org` and `app.user` until the end of the transaction."""
    await _bind(db, scope.org_id, scope.user_id)


async def bind_organization(db: AsyncSession, org_id: UUID) -> None:
    """The same while it is still to be found out who acts there."""
    await _bind(db, org_id, None)


async def bind_user(db: AsyncSession, user_id: UUID) -> None:
    """Set `app.user` alone: what belongs to a person becomes visible, in whatever organization."""
    driver = await _driver(db)
    if not driver.is_in_transaction():
        driver.opening, driver.is_conditional = opening_for_user(user_id), False
        return
    await db.execute(_SET_USER, {"user": str(user_id)})


async def _bind(db: AsyncSession, org_id: UUID, user_id: UUID | None) -> None:
    driver = await _driver(db)
    if not driver.is_in_transaction():
        driver.opening, driver.is_conditional = opening_for(org_id, user_id), False
        return
    await db.execute(_SET_SCOPE, {"org": str(org_id), "user": "" if user_id is None else str(user_id)})


async def _open(db: AsyncSession, scope: Scope | None) -> None:
    """Take a connection. BEGIN goes out with the first statement, and the scope with it."""
    if scope is None:
        driver = await _driver(db)
        driver.opening, driver.is_conditional = "", False
    else:
        await bind_scope(db, scope)


async def _driver(db: AsyncSession) -> ScopedConnection:
    try:
        connection = await db.connection()
    except (OSError, PoolTimeoutError, DBAPIError, *DRIVER_ERRORS) as error:  # starting up, it refuses
        raise DatabaseUnavailable from error
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, ScopedConnection)  # noqa: S101 - by connect_args
    return driver


def _engine(url: str, *, role: str | None, pool_size: int, timeout: timedelta) -> AsyncEngine:
    settings: dict[str, str] = {
        "application_name": "coda",
        "jit": "off",
        # The server would keep the locks of a process that froze, or that the network cut off, for hours.
        "idle_in_transaction_session_timeout": str(round(timeout.total_seconds() * 1000)),
    }
    if role:
        settings["role"] = role
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        pool_pre_ping=False,
        json_deserializer=orjson.loads,  # as everywhere: the standard one makes of 1e308 an integer of 309 digits
        hide_parameters=True,  # an error's text goes to the log, and parameters are what people wrote
        connect_args={
            "server_settings": settings,
            "connection_class": ScopedConnection,
            "timeout": timeout.total_seconds(),
            "command_timeout": timeout.total_seconds(),
        },
    )

    event.listen(engine.sync_engine, "handle_error", _drop_unresponsive)
    keep_storable(engine.sync_engine)
    return engine


def _drop_unresponsive(context: Any) -> DatabaseUnavailable | None:  # noqa: ANN401 - SQLAlchemy's ExceptionContext is untyped here
    """A connection that did not answer in time is lost, and with it all that were made before."""
    if not isinstance(context.original_exception, TimeoutError):
        return None
    context.is_disconnect = True
    return DatabaseUnavailable()
