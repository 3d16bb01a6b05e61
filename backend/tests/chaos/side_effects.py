"""The world outside: a server that counts what tools did to it, and the tools that do it.

The calculator carries an idempotency key, and the server knows keys. The calendar has none: whoever calls twice, does
it twice.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.toolsets import FunctionToolset, Toolset
from coda.tools.types import Approval, FunctionTool, ToolCallContext

VARIABLE = "TEST_SIDE_EFFECTS_URL"
KEYED, UNKEYED = "calculator", "date_time"
_HEADS_END = b"\r\n\r\n"
_DONE = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@dataclass
class SideEffects:
    """Counts effects by what was asked for. A key that was seen before has no effect."""

    effects: Counter[str] = field(default_factory=Counter)
    requests: int = 0
    _keys: set[str] = field(default_factory=set)
    _server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where the tools send their requests."""
        assert self._server is not None
        return "http://{}:{}".format(*self._server.sockets[0].getsockname()[:2])

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(_HEADS_END)
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            self._count(orjson.loads(await reader.readexactly(length)))
            writer.write(_DONE)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return  # the process that asked was killed
        finally:
            writer.close()

    def _count(self, asked: Mapping[str, Any]) -> None:
        self.requests += 1
        key = asked["key"]
        if key is None or key not in self._keys:
            self.effects[asked["what"]] += 1
        if key is not None:
            self._keys.add(key)


def counting_toolsets() -> tuple[Toolset, ...]:
    """The built-in tools, two of which now have an effect on the world, and ask nobody."""
    tools = (_counting(tool) if tool.name in (KEYED, UNKEYED) else tool for tool in BUILTIN_TOOLS)
    return (FunctionToolset("built-in", tools),)


def _counting(tool: FunctionTool) -> FunctionTool:
    is_keyed = tool.name == KEYED

    async def run(arguments: Mapping[str, Any], context: ToolCallContext) -> Any:  # noqa: ANN401 - any JSON value
        what = f"{tool.name} {orjson.dumps(dict(arguments), option=orjson.OPT_SORT_KEYS).decode()}"
        body = {"key": context.idempotency_key if is_keyed else None, "what": what}
        async with httpx.AsyncClient(verify=False, trust_env=False) as client:  # noqa: S501 - plain HTTP
            (await client.post(os.environ[VARIABLE], json=body)).raise_for_status()
        return await tool.run(arguments, context)

    return replace(tool, run=run, has_side_effects=True, honours_key=is_keyed, approval=Approval.NEVER)
