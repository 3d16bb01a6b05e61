"""A server of the SDK's over stdio, to be run as a program."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

READS = ToolAnnotations(read_only_hint=True)
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
server = MCPServer("A box")


def touch(path: str) -> None:
    Path(path).touch()


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def start(*, is_far: bool) -> int:
    nothing = subprocess.DEVNULL
    return subprocess.Popen(SLEEP, stdin=nothing, stdout=nothing, start_new_session=is_far).pid  # noqa: S603 - our own


@server.tool(annotations=READS)
async def add(a: int, b: int) -> dict[str, int]:
    """Add two numbers."""
    return {"sum": a + b}


@server.tool(annotations=READS)
async def who(ctx: Context) -> dict[str, object]:
    """Tell of this process."""
    key = (ctx.request_context.meta or {}).get("coda/idempotency-key")
    return {"pid": os.getpid(), "environment": dict(os.environ), "folder": os.getcwd(), "key": key}


@server.tool(annotations=READS)
async def hang(mark: str) -> str:
    """Never answers; writes down that it began, and that it was cancelled."""
    touch(f"{mark}.began")
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        touch(f"{mark}.cancelled")
        raise
    return ""


@server.tool(annotations=READS)
async def fails() -> str:
    """Says that it cannot."""
    raise ToolError("the well is dry")


@server.tool(annotations=READS)
async def bear() -> list[int]:
    """Leave children behind: one in the group, one in a session of its own."""
    return [start(is_far=False), start(is_far=True)]


@server.tool(annotations=READS)
async def eat(megabytes: int) -> int:
    """Use memory."""
    return len(bytearray(megabytes * 1024**2))


@server.tool(annotations=ToolAnnotations(destructive_hint=True))
async def die(secret: str) -> str:
    """Ends at once."""
    say(f"now I end, {secret}")
    os._exit(3)


if __name__ == "__main__":
    say("ready")
    server.run("stdio")
