"""A process whose every wire (Postgres, Redis, provider) runs through a fault proxy, and the truth beside it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields, replace
from datetime import timedelta

import pytest
from sqlalchemy.engine import make_url

from coda.assembly import Process, assemble
from coda.core.db import Database, DatabaseUrls
from coda.core.settings import Settings
from tests.redis_server import RedisServer
from tests.runs.conftest import Person, new_person
from tests.runs.site import Site, served
from tests.simulators.fault_proxy import FaultProxy, fault_proxy
from tests.simulators.faults import FaultServer
from tests.simulators.fixtures import faults

__all__ = ["faults"]

IDLE_TIMEOUT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Wires:
    """The proxy of each wire."""

    database: FaultProxy
    redis: FaultProxy
    provider: FaultProxy

    def each(self) -> list[FaultProxy]:
        return [getattr(self, wire.name) for wire in fields(self)]

    def heal(self) -> None:
        """No fault anywhere."""
        for proxy in self.each():
            proxy.heal()


@pytest.fixture
async def wires(database_urls: DatabaseUrls, redis_server: RedisServer, faults: FaultServer) -> AsyncIterator[Wires]:
    """Proxies before the module's database, a Redis and a provider of this test alone."""
    folder = make_url(database_urls.app).query["host"]
    async with AsyncExitStack() as stack:
        upstreams = (f"{folder}/.s.PGSQL.5432", redis_server.url.removeprefix("unix://"), faults.url[len("http://") :])
        yield Wires(*[await stack.enter_async_context(fault_proxy(upstream)) for upstream in upstreams])


@pytest.fixture
def database_timeout() -> timedelta:
    """When a silent database counts as away."""
    return timedelta(seconds=2)


@pytest.fixture
async def process(
    settings: Settings, database_urls: DatabaseUrls, wires: Wires, database_timeout: timedelta
) -> AsyncIterator[Process]:
    """A process that drives runs and gives up on a silent peer sooner than others."""
    own = settings.model_dump() | {
        "redis_url": f"redis://127.0.0.1:{wires.redis.port}",
        "openai_api_key": "sk-test",
        "openai_base_url": f"http://127.0.0.1:{wires.provider.port}/v1",
        "database_timeout": database_timeout,
    }
    own["runs"] |= {"lease": timedelta(seconds=3), "heartbeat": timedelta(seconds=1)}
    own["llm"] |= {
        "idle_timeout": IDLE_TIMEOUT,
        "first_token_timeout": IDLE_TIMEOUT,
        "max_tries": 1,
        "demo_tokens_per_second": 60,
    }
    async with assemble(Settings.model_validate(own), through(database_urls, wires.database)) as running:
        yield running
        wires.heal()


@pytest.fixture
async def site(process: Process) -> AsyncIterator[Site]:
    """The process behind a real server."""
    async with served(process) as made:
        yield made


@pytest.fixture
async def person(database: Database) -> Person:
    """Somebody new, whose rows are read past the proxies."""
    return await new_person(database)


def through(urls: DatabaseUrls, proxy: FaultProxy) -> DatabaseUrls:
    """The same database by way of a proxy."""

    def moved(url: str) -> str:
        by_port = make_url(url).set(host="127.0.0.1", port=proxy.port, query={})
        return by_port.render_as_string(hide_password=False)

    return replace(urls, app=moved(urls.app), system=moved(urls.system), direct=moved(urls.direct))
