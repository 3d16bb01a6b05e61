"""The whole application on a real port, with simulated providers, and the official OpenAI client pointed at it."""

import asyncio
import json
import runpy
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from openai import AsyncOpenAI

from coda.access.roles import Role
from coda.core.db import Database, DatabaseUrls
from coda.core.settings import Settings
from coda.gateways.streaming.event_stream import StreamPace
from coda.main import create_app
from tests.callers import Caller, Town
from tests.runs.site import Server
from tests.runs.waiting import LONGEST
from tests.simulators.aimock import AIMock
from tests.simulators.faults import FaultServer
from tests.simulators.fixtures import aimock, module_faults

__all__ = ["aimock", "module_faults"]

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
RunExample = Callable[[str], Awaitable[dict[str, Any]]]


@pytest.fixture
def run_example(base_url: str, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> RunExample:
    """Runs an example against this server; gives its names."""
    monkeypatch.setenv("CODA_URL", base_url)
    monkeypatch.setenv("CODA_API_KEY", caller.bearer)

    async def run(name: str) -> dict[str, Any]:
        return await asyncio.to_thread(runpy.run_path, str(EXAMPLES / name), run_name="__main__")

    return run


@pytest.fixture(scope="module")
async def app(
    settings: Settings,
    database_urls: DatabaseUrls,
    aimock: AIMock,
    module_faults: FaultServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[FastAPI]:
    """OpenAI is aimock; OpenRouter is the server that misbehaves."""
    prices = tmp_path_factory.mktemp("prices") / "prices.json"
    prices.write_text(
        json.dumps({name: {"input": "2", "output": "8"} for name in ("openai/o3", "openrouter/paced-n5-d100")})
    )
    changes = {
        "openai_base_url": f"{aimock.url}/v1",
        "openrouter_base_url": f"{module_faults.url}/v1",
        "llm": _quick(settings, prices),
    }
    application = create_app(settings.model_copy(update=changes), database_urls)
    # What is refused at once is a status here however busy the machine is.
    application.state.stream_pace = StreamPace(first_moment=timedelta(seconds=LONGEST))
    async with application.router.lifespan_context(application):
        yield application


def _quick(settings: Settings, prices: Path) -> object:
    return settings.llm.model_copy(
        update={"demo_tokens_per_second": 0, "probe_ollama": False, "price_file": prices, "max_tries": 1}
    )


@pytest.fixture(scope="module")
async def base_url(app: FastAPI) -> AsyncIterator[str]:
    """Where the application is served."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=3)
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield "http://{}:{}".format(*listening.getsockname())
    server.should_exit = True
    await serving


@pytest.fixture(scope="module")
def town(app: FastAPI, database: Database) -> Town:
    """Makes people and keys."""
    return Town(database, app.state.identity)


@pytest.fixture(scope="module")
async def caller(app: FastAPI, database: Database) -> Caller:
    """Somebody's API key."""
    town = Town(database, app.state.identity)
    return await town.key(await town.settle(await town.found(), Role.MEMBER))


@pytest.fixture
async def openai(base_url: str, caller: Caller) -> AsyncIterator[AsyncOpenAI]:
    """The official client."""
    async with AsyncOpenAI(base_url=f"{base_url}/v1", api_key=caller.bearer, max_retries=0) as client:
        yield client
