"""What every test stands on: a real Postgres, a real Redis, settings that read nothing from this machine.

One embedded Postgres serves the whole session. The schema is migrated once into a template; every test module gets its
own copy of it as `database`, and makes fresh organizations inside. A test that needs an empty instance (first admin,
an empty queue) takes `fresh_database`, a copy of its own.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import structlog

from coda.core.db import Database, DatabaseUrls
from coda.core.db.migrations import migrate
from coda.core.settings import Settings
from coda.identity import passwords
from tests import profiles
from tests.callers import QUICK_ARGON2
from tests.loop_blocks import LoopBlocks
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer, find_redis_server
from tests.scheduling import pytest_xdist_make_scheduler

__all__ = ["pytest_xdist_make_scheduler"]

_TEMPLATE = "template_coda"

profiles.load()


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """A developer's own CODA_* variables and provider keys must not change what is tested."""
    ours = ("CODA_", "OPENAI_", "ANTHROPIC_", "GEMINI_", "OPENROUTER_", "AZURE_", "OLLAMA_", "OTEL_")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(ours):
                patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> None:
    """As Coda itself logs them: pretty ones take seconds of the event loop."""
    *others, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, plain])


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Passwords are hashed in no time; test_passwords.py hashes them as in life."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "ARGON2", QUICK_ARGON2)
        yield


@pytest.fixture(scope="session", autouse=True)
async def _loop_blocks() -> AsyncIterator[LoopBlocks]:
    """Watches the loop of all tests."""
    blocks = LoopBlocks()
    blocks.start()
    yield blocks
    blocks.stop()


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop(_loop_blocks: LoopBlocks) -> Iterator[None]:
    """A test in which our own code kept the loop from everybody else fails; coverage is too slow to judge by."""
    _loop_blocks.taken()
    yield
    blocks = _loop_blocks.taken()
    assert not blocks or sys.gettrace() is not None, f"The event loop was blocked:\n{blocks[0]}"


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A short temporary folder, for sockets and servers."""
    folder = Path(tempfile.mkdtemp(prefix="coda-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def postgres(scratch: Path) -> AsyncIterator[PostgresServer]:
    """The session's Postgres server, with a migrated template database."""
    server = PostgresServer(scratch, durable=False)
    await server.start()
    try:
        await migrate(await server.create_database(_TEMPLATE))
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def database_copy(postgres: PostgresServer) -> AsyncIterator[DatabaseUrls]:
    """A database with Coda's schema and no rows."""
    name = f"test_{uuid4().hex[:12]}"
    urls = await postgres.create_database(name, template=_TEMPLATE)
    try:
        yield urls
    finally:
        await postgres.drop_database(name)


@pytest.fixture(scope="module")
async def database_urls(postgres: PostgresServer) -> AsyncIterator[DatabaseUrls]:
    """Where the module's database is."""
    async with database_copy(postgres) as urls:
        yield urls


@pytest.fixture(scope="module")
async def database(database_urls: DatabaseUrls) -> AsyncIterator[Database]:
    """The module's database: migrated, empty at the module's start."""
    handle = Database(database_urls)
    yield handle
    await handle.close()


@pytest.fixture
async def fresh_database(postgres: PostgresServer) -> AsyncIterator[Database]:
    """A database of this test alone: migrated and empty."""
    async with database_copy(postgres) as urls:
        handle = Database(urls)
        yield handle
        await handle.close()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a plain installation, with a data folder of the module's own."""
    return Settings.model_validate(
        {
            "data_dir": tmp_path_factory.mktemp("data"),
            "secret_key": "a key for tests, of no secret at all",
            "runs": {"model_titles": False},  # tests count what a simulated provider was asked
        }
    )


@pytest.fixture(scope="session")
def redis_url(scratch: Path) -> Iterator[str]:
    """A real Redis server on a unix socket; use keys of your own."""
    with RedisServer(find_redis_server(), scratch) as server:
        yield server.url


@pytest.fixture
def redis_server(scratch: Path) -> Iterator[RedisServer]:
    """A Redis server of this test alone, to be stopped, killed and started at will."""
    with RedisServer(find_redis_server(), scratch) as server:
        yield server
