"""The routes of files over the module's database and a folder of their own, and people of two organizations."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from coda.access.roles import Role
from coda.auth.wiring import build_authenticator
from coda.conversations.visibility import shown_files
from coda.conversations.wiring import find_file_uses
from coda.core.db import Database
from coda.core.http.install import install_http
from coda.core.http.routes import join_routers
from coda.core.rate_limit import MemoryRateLimiter
from coda.core.settings import Settings
from coda.files import endpoints
from coda.files.wiring import FileServices, build_files
from coda.identity.wiring import build_identity
from tests.callers import Caller, Town

FILES = "/api/v1/files"


@pytest.fixture
def limits() -> dict[str, Any]:
    """What a test sets differently for files."""
    return {}


@pytest.fixture
def folder(settings: Settings) -> Path:
    """Where the bytes are."""
    return settings.data_dir / "files"


@pytest.fixture
def files(database: Database, settings: Settings, limits: dict[str, Any]) -> FileServices:
    return build_files(
        database,
        settings.files.model_copy(update=limits),
        data_dir=settings.data_dir,
        secret_key=settings.secret_key,
        readable=shown_files,
        find_uses=find_file_uses,
    )


@pytest.fixture
def app(database: Database, settings: Settings, files: FileServices) -> FastAPI:
    app = FastAPI()
    join_routers(app, endpoints.router)
    install_http(app, settings.model_copy(update={"files": files.settings}))
    app.state.settings, app.state.database, app.state.files = settings, database, files
    app.state.identity = build_identity(settings, MemoryRateLimiter())
    app.state.authenticator = build_authenticator(app.state.identity)
    return app


@pytest.fixture
async def client(app: FastAPI, member: Caller) -> AsyncIterator[AsyncClient]:
    """A client signed in as `member`."""
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://coda.lan:8000", headers=member.headers) as client:
        yield client


@pytest.fixture
def town(app: FastAPI, database: Database) -> Town:
    return Town(database, app.state.identity)


@pytest.fixture
async def org_id(town: Town) -> UUID:
    return await town.found()


@pytest.fixture
async def member(town: Town, org_id: UUID) -> Caller:
    return await town.settle(org_id, Role.MEMBER)


@pytest.fixture
async def colleague(town: Town, org_id: UUID) -> Caller:
    return await town.settle(org_id, Role.ADMIN)


@pytest.fixture
async def stranger(town: Town) -> Caller:
    """An administrator of another organization."""
    return await town.settle(await town.found(), Role.ADMIN)


async def send(client: AsyncClient, content: bytes, name: str = "notes.txt", **more: Any) -> Response:  # noqa: ANN401 - httpx's own
    """Upload a file as a form."""
    return await client.post(FILES, files={"file": (name, content)}, **more)


async def sent(client: AsyncClient, content: bytes, name: str = "notes.txt", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own
    """The same, where it has to succeed."""
    response = await send(client, content, name, **more)
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()
    return made


async def begun(client: AsyncClient, size: int, name: str = "notes.txt") -> str:
    """An upload that comes in pieces; gives its id."""
    response = await client.post(FILES, json={"name": name, "size": size})
    assert response.status_code == 201, response.text
    upload_id: str = response.json()["id"]
    return upload_id


async def put(client: AsyncClient, upload_id: str, content: bytes, offset: int) -> Response:
    """Send a piece."""
    kind = {"Content-Type": "application/octet-stream"}
    path = f"{FILES}/uploads/{upload_id}"
    return await client.put(path, params={"offset": offset}, content=content, headers=kind)


async def read(client: AsyncClient, file_id: str, **more: Any) -> Response:  # noqa: ANN401 - httpx's own
    """The bytes of a file."""
    return await client.get(f"{FILES}/{file_id}/content", **more)


def code_of(response: Response) -> str:
    """The code of a refusal."""
    code: str = response.json()["error"]["code"]
    return code


async def files_below(folder: Path) -> list[Path]:
    """What lies in the store."""
    return await asyncio.to_thread(lambda: sorted(path for path in folder.rglob("*") if path.is_file()))
