"""A database before any revision."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from coda.core.db import DatabaseUrls
from tests.postgres_server import PostgresServer


@pytest.fixture
async def empty(postgres: PostgresServer) -> AsyncIterator[DatabaseUrls]:
    name = f"before_{uuid4().hex[:8]}"
    yield await postgres.create_database(name)
    await postgres.drop_database(name)
