"""One installation of real processes for all tests here; leases are short, so that the tests are."""

import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.chaos.client import Client
from tests.chaos.cluster import Cluster, cluster

_numbers = itertools.count(1001)


@pytest.fixture(scope="session")
async def site() -> AsyncIterator[Cluster]:
    """One server, two workers."""
    folder = Path(tempfile.mkdtemp(prefix="coda-chaos-"))
    settings = {
        "CODA_RUNS__LEASE": "1.2",
        "CODA_RUNS__HEARTBEAT": "0.3",
        "CODA_LLM__DEMO_TOKENS_PER_SECOND": "120",
        "CODA_TOOLS__NEED_APPROVAL": "table_statistics",
        "CODA_RUNS__PAUSE_GRACE": "1",
    }
    async with cluster(folder, settings) as made:
        yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def client(site: Cluster) -> AsyncIterator[Client]:
    """Somebody with an open page; everybody lives when the test begins."""
    await site.tend()
    async with Client(site.addresses, site.key) as made:
        yield made
    site.disarm()


@pytest.fixture
async def returning(site: Cluster) -> AsyncIterator[Client]:
    """The same person on a train: the connection breaks and comes back."""
    async with Client(site.addresses, site.key, seed=1) as made:
        yield made


@pytest.fixture
def sum_of() -> Callable[[], str]:
    """A question whose answer needs a tool with an idempotency key; never the same twice."""
    return lambda: f"What is 17.5 % of {next(_numbers)}?"


@pytest.fixture
def day_of() -> Callable[[], str]:
    """A question whose answer needs a tool without such a key; never the same twice."""
    return lambda: f"What date is {next(_numbers)} days after 2026-01-01?"
