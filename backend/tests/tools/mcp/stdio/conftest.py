"""Servers that are started, and what starts them."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import orjson
import pytest

from coda.core.guarded_http import Reach
from coda.core.scope import INSTANCE_ORG, Person, Scope
from coda.core.settings import ToolSettings
from coda.tools.invocation import invoke
from coda.tools.mcp.stdio.kind import StdioServers
from coda.tools.mcp.toolset import McpToolset
from coda.tools.sources.started.commands import STDIO
from coda.tools.sources.types import Offer, Source
from coda.tools.types import ToolCallContext, ToolOutcome

HERE = Path(__file__).parent
SECRET = "a-secret-of-some-length"
SOMEBODY = Scope(uuid4(), Person(uuid4()))


def source_of(
    *arguments: str,
    command: str = sys.executable,
    secrets: dict[str, str] | None = None,
    **config: Any,  # noqa: ANN401
) -> Source:
    config = {"command": command, "args": list(arguments), **config}
    secret = None if secrets is None else orjson.dumps(secrets).decode()
    return Source(uuid4(), INSTANCE_ORG, STDIO, "box", "The box", None, config, Reach.PRIVATE, secret)


def good(**config: Any) -> Source:  # noqa: ANN401 - of a Source
    return source_of(str(HERE / "good_server.py"), **config)


def bad(how: str, **config: Any) -> Source:  # noqa: ANN401 - of a Source
    return source_of(str(HERE / "bad_server.py"), how, **config)


@dataclass(frozen=True, slots=True)
class Joined:
    """A listed source, to be called."""

    servers: StdioServers
    source: Source
    offer: Offer
    toolset: McpToolset
    caller: ToolCallContext
    changes: asyncio.Event

    async def call(self, name: str, *, seconds: float = 20, **arguments: object) -> ToolOutcome:
        tools = {tool.name: tool for tool in await self.toolset.list(SOMEBODY)}
        text = orjson.dumps(arguments).decode()
        context = replace(self.caller, deadline=monotonic() + seconds, cancelled=asyncio.Event())
        return await invoke(self.toolset, tools[f"box__{name}"], text, context, limits=ToolSettings())

    @property
    def log(self) -> str:
        return "\n".join(line.text for line in self.servers.children.seats[self.source.id].log.lines)

    @property
    def state(self) -> str:
        return self.servers.children.seats[self.source.id].state


Join = Callable[..., Awaitable[Joined]]


@pytest.fixture
async def servers() -> AsyncIterator[StdioServers]:
    """The kind of sources, in a process that works on runs."""
    servers = StdioServers(ToolSettings(), works=True)
    yield servers
    await servers.close()


@pytest.fixture
def join(servers: StdioServers, caller: ToolCallContext) -> Join:
    """List a source, and have its tools."""

    async def join(source: Source, *, by: StdioServers = servers) -> Joined:
        offer = await by.offer(source)
        changes = asyncio.Event()

        async def changed() -> None:
            changes.set()

        known = replace(source, protocol=offer.protocol)
        return Joined(by, known, offer, by.toolset(known, offer.tools, changed), caller, changes)

    return join


def code_of(outcome: ToolOutcome) -> str:
    assert not outcome.ok
    assert outcome.error is not None
    return str(outcome.error["code"])


def is_running(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


async def gone(*pids: int, within: float = 10) -> bool:
    ends = monotonic() + within
    while any(is_running(pid) for pid in pids):
        if monotonic() > ends:
            return False
        await asyncio.sleep(0.02)
    return True


async def there(path: Path, within: float = 10) -> bool:
    ends = monotonic() + within
    while not path.exists():  # noqa: ASYNC240 - in a test
        if monotonic() > ends:
            return False
        await asyncio.sleep(0.02)
    return True
