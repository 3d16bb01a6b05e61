"""A worker as far as servers see it, to be killed: starts one with children of its own, and tells of all."""

import asyncio
import sys
from pathlib import Path
from time import monotonic
from uuid import UUID

import orjson

from coda.core.guarded_http import Reach
from coda.core.scope import INSTANCE_ORG
from coda.core.settings import ToolSettings
from coda.tools.mcp.conversation import hear_nothing
from coda.tools.mcp.stdio.kind import StdioServers
from coda.tools.sources.started.commands import STDIO
from coda.tools.sources.types import Source
from coda.tools.types import ToolCallContext
from coda.tools.wiring import build_workers


async def main() -> None:
    """Never ends by itself."""
    config = {"command": sys.executable, "args": [str(Path(__file__).with_name("good_server.py"))]}
    source = Source(UUID(int=1), INSTANCE_ORG, STDIO, "box", "The box", None, config, Reach.PRIVATE)
    servers = StdioServers(ToolSettings(), works=True)
    await servers.offer(source)
    workers = build_workers(ToolSettings())
    call = ToolCallContext(UUID(int=1), UUID(int=2), "call-1", deadline=monotonic() + 20, workers=workers)
    born = (await servers.call(source, "bear", {}, call, heard=hear_nothing)).result["result"]
    who = (await servers.call(source, "who", {}, call, heard=hear_nothing)).result["pid"]
    child = servers.children.seats[source.id].child
    sys.stdout.buffer.write(orjson.dumps([*born, who, child.pid if child else 0]) + b"\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(main())
