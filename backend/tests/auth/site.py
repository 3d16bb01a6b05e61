"""The routes of sign-in and organizations on their own, over the module's database, and people to use them."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from coda.access.authenticator import Authenticator
from coda.access.roles import Role
from coda.auth import endpoints as auth
from coda.auth.wiring import build_authenticator
from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.http.install import install_http
from coda.core.http.routes import join_routers
from coda.core.rate_limit import MemoryRateLimiter
from coda.core.settings import Settings
from coda.identity.wiring import Identity, build_identity
from coda.organizations import endpoints as organizations
from coda.organizations.wiring import build_settings_cache
from tests.callers import Caller, Town


def make_app(database: Database, settings: Settings) -> FastAPI:
    app = FastAPI()
    join_routers(app, auth.router, organizations.router)
    install_http(app, settings)
    app.state.settings, app.state.database = settings, database
    app.state.identity = build_identity(settings, MemoryRateLimiter())
    app.state.organization_settings = build_settings_cache(database, DatabaseListener(database.urls.direct))
    app.state.authenticator = build_authenticator(app.state.identity)
    return app


def make_client(app: FastAPI, *, address: str = "198.51.100.1", base_url: str = "http://coda.lan:8000") -> AsyncClient:
    transport = ASGITransport(app, raise_app_exceptions=False, client=(address, 5000))
    return AsyncClient(transport=transport, base_url=base_url)


@pytest.fixture
def app(database: Database, settings: Settings) -> FastAPI:
    return make_app(database, settings)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with make_client(app) as client:
        yield client


@pytest.fixture
def identity(app: FastAPI) -> Identity:
    identity: Identity = app.state.identity
    return identity


@pytest.fixture
def authenticator(app: FastAPI) -> Authenticator:
    authenticator: Authenticator = app.state.authenticator
    return authenticator


@pytest.fixture
def town(database: Database, identity: Identity) -> Town:
    return Town(database, identity)


@pytest.fixture
async def org_id(town: Town) -> UUID:
    return await town.found()


@pytest.fixture
async def admin(town: Town, org_id: UUID) -> Caller:
    return await town.settle(org_id, Role.ADMIN)


@pytest.fixture
async def member(town: Town, org_id: UUID) -> Caller:
    return await town.settle(org_id, Role.MEMBER)


@pytest.fixture
async def viewer(town: Town, org_id: UUID) -> Caller:
    return await town.settle(org_id, Role.VIEWER)


@pytest.fixture
async def stranger(town: Town) -> Caller:
    """An administrator of another organization."""
    return await town.settle(await town.found(), Role.ADMIN)
