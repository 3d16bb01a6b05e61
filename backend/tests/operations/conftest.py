"""The routes of operations on their own, over the module's database."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from sqlalchemy import text

from coda.core.db import Database
from coda.core.http.install import install_http
from coda.core.http.routes import join_routers
from coda.core.scope import Person, Scope
from coda.core.settings import Settings
from coda.operations import endpoints
from coda.operations.install import install_operations
from coda.operations.readiness import ReadinessProbe
from coda.runs.stream.hub.memory import MemoryHub

MakeApp = Callable[..., FastAPI]


@pytest.fixture
async def make_app(database: Database, settings: Settings, tmp_path: Path) -> AsyncIterator[MakeApp]:
    hub = MemoryHub()
    await hub.start()

    def make(*, of: Database = database, metrics_token: str | None = None, is_draining: bool = False) -> FastAPI:
        token = SecretStr(metrics_token) if metrics_token else None
        own = settings.model_copy(update={"static_dir": tmp_path, "metrics_token": token})
        app = FastAPI(docs_url=None, redoc_url=None)
        join_routers(app, endpoints.router)
        install_operations(app, own)
        install_http(app, own)
        app.state.settings, app.state.database = own, of
        app.state.readiness = ReadinessProbe(of, is_hub_well=hub.is_well, is_draining=lambda: is_draining)
        return app

    yield make
    await hub.close()


def client_of(app: FastAPI, *, address: str = "127.0.0.1", base_url: str = "http://localhost") -> AsyncClient:
    return AsyncClient(transport=ASGITransport(app, client=(address, 5000)), base_url=base_url)


@pytest.fixture
async def client(make_app: MakeApp) -> AsyncIterator[AsyncClient]:
    async with client_of(make_app()) as client:
        yield client


class Ground:
    """Rows of one organization, written behind the services' back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.org_id, self.user_id = uuid4(), uuid4()
        self.scope = Scope(self.org_id, Person(self.user_id))

    async def execute(self, statement: str, **values: object) -> None:
        async with self._database.transaction(self.scope) as db:
            await db.execute(text(statement), {"org": self.org_id, "user": self.user_id} | values)

    async def count(self, table: str) -> int:
        async with self._database.transaction(self.scope) as db:
            return int(await db.scalar(text(f"select count(*) from {table}")) or 0)  # noqa: S608 - our own table names

    async def finished_run(self, *, minutes_ago: float) -> UUID:
        """A run with three events that ended a while ago."""
        session, message, run = uuid4(), uuid4(), uuid4()
        values = {"session": session, "message": message, "run": run, "ago": minutes_ago}
        for statement in (
            "insert into chat_sessions (org_id, id, owner_id) values (:org, :session, :user)",
            "insert into messages (org_id, id, session_id, role, content, status)"
            " values (:org, :message, :session, 'assistant', '[]', 'complete')",
            "insert into runs (org_id, id, session_id, message_id, user_id, root_run_id, status, model, params,"
            " request_hash, finished_at) values (:org, :run, :session, :message, :user, :run, 'finished', 'demo/coda',"
            " '{}', '', now() - make_interval(secs => :ago * 60))",
            "insert into run_events (org_id, run_id, seq, fence, frame)"
            " select :org, :run, n, 1, '{}' from generate_series(1, 3) n",
        ):
            await self.execute(statement, **values)
        return run


@pytest.fixture
def ground(database: Database) -> Ground:
    return Ground(database)
