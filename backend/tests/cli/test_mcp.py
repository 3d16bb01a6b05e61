"""`coda mcp` as the programs start it that speak with it."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.cli.conftest import ADMIN, CODA, Server, environment
from tests.gateways.mcp_server.notes import Notes
from tests.runs.waiting import until_async

SUM = "What is 17.5 % of 2,340?"
LONG = "Write a long essay about rivers."
HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


@pytest.fixture(scope="module")
def token(running: Server) -> str:
    return str(running.post("/api/v1/auth/login", ADMIN).json()["access_token"])


@pytest.fixture(scope="module")
def key(running: Server, token: str) -> str:
    made = running.post("/api/v1/api-keys", {"name": "desktop", "scopes": ["read", "chat"]}, token=token)
    return str(made.json()["key"])


@asynccontextmanager
async def connected(running: Server, key: str, mode: str) -> AsyncIterator[Client]:
    env = environment(running.home, {"CODA_API_KEY": key})
    started = StdioServerParameters(command=CODA[0], args=[*CODA[1:], "mcp", "--url", running.address], env=env)
    async with Client(stdio_client(started), mode=mode, cache=None) as client:
        yield client


def piped(running: Server, key: str, lines: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Give it all there is to say at once."""
    env = environment(running.home, {"CODA_API_KEY": key, **settings})
    return subprocess.run(  # noqa: S603 - our own program, no shell
        [*CODA, "mcp"], input=lines, env=env, cwd=running.home, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_official_client(running: Server, key: str, mode: str) -> None:
    notes = Notes()
    async with connected(running, key, mode) as client:
        spoken = client.protocol_version
        names = [tool.name for tool in (await client.list_tools()).tools]
        result = await client.call_tool("ask", {"question": SUM, "model": "demo/coda"}, progress_callback=notes)
        chat = await client.read_resource(f"coda://sessions/{result.structured_content['session_id']}")

    assert {"ask", "calculator"} < set(names)
    assert "409.5" in str(result.content)
    assert "calculator is called." in {message for _, message in notes.told}
    assert SUM in str(chat.contents[0])
    assert spoken == ("2026-07-28" if mode == "auto" else "2025-11-25")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("how", ["cancels", "closes"])
async def test_who_leaves_stops_the_run(running: Server, key: str, token: str, mode: str, how: str) -> None:
    notes = Notes("written")
    async with connected(running, key, mode) as client:
        asked = {"question": LONG, "model": "demo/coda"}
        asking = asyncio.create_task(client.call_tool("ask", asked, progress_callback=notes))
        await notes.begun.wait()
        if how == "cancels":
            asking.cancel()
            await asyncio.wait([asking])
            assert (await client.list_tools()).tools
    await asyncio.wait([asking])

    async def is_stopped() -> bool:
        async def get(path: str) -> dict[str, object]:
            response = await asyncio.to_thread(running.fetch, path, token)
            return dict(response.json())

        newest = (await get("/api/v1/sessions?limit=1"))["items"]
        assert isinstance(newest, list)
        answer = (await get(f"/api/v1/sessions/{newest[0]['id']}/messages"))["items"]
        assert isinstance(answer, list)
        return bool(answer[-1]["status"] == "stopped")

    await until_async(is_stopped)


def test_output_is_protocol_and_nothing_else(running: Server, key: str) -> None:
    """The instance of this machine is found by its settings, and answers come before the end."""
    hello = {"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": HELLO}
    lines = f"nonsense\n\n{json.dumps(hello)}\n[1]\n" + json.dumps({"jsonrpc": "2.0", "id": 2, "method": "ping"})
    port = running.address.rpartition(":")[2]
    done = piped(running, key, lines, CODA_PORT=port)
    said = [json.loads(line) for line in done.stdout.splitlines()]

    assert (done.returncode, done.stderr) == (0, "")
    assert {message.get("id") for message in said} == {None, "a", 2}
    codes = sorted(message["error"]["code"] for message in said if message["id"] is None)
    assert codes == [-32700, -32602]
    (greeting,) = (message["result"] for message in said if message["id"] == "a")
    assert greeting["serverInfo"]["name"] == "coda"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"CODA_API_KEY": "sk-coda-nonsense"}, "refuses the API key in CODA_API_KEY"),
        ({"CODA_API_KEY": ""}, "Set CODA_API_KEY"),
        ({"CODA_URL": "http://127.0.0.1:9"}, "does not answer at http://127.0.0.1:9"),
        ({"CODA_URL": "nonsense"}, "does not answer at nonsense"),
    ],
)
def test_what_is_wrong_is_one_sentence(running: Server, key: str, settings: dict[str, str], said: str) -> None:
    refused = piped(running, key, "", **{"CODA_URL": running.address} | settings)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: ")
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_it_starts_without_the_sdk(home: Path) -> None:
    """Nor is it loaded by a server that nobody calls."""
    code = "import sys, coda.cli.mcp, coda.gateways.mcp_server.bridge, coda.main; print('mcp' in sys.modules)"
    done = subprocess.run([CODA[0], "-c", code], cwd=home, capture_output=True, text=True, check=True)  # noqa: S603

    assert done.stdout == "False\n"
