"""A toolset of functions in this process, the same for everybody: the tools that Coda brings along."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import orjson
import structlog

from coda.core.scope import Scope
from coda.tools.errors import SourceGone, ToolBroken
from coda.tools.json_schema import JsonSchema
from coda.tools.types import Arguments, FunctionTool, Tool, ToolCallContext, ToolOutcome

log = structlog.get_logger(__name__)


class FunctionToolset:
    """Holds tools in the order given. A tool whose schemas are not valid JSON Schema is refused at start."""

    def __init__(self, source_id: str, tools: Iterable[FunctionTool]) -> None:
        self.source_id = source_id
        self._tools: dict[str, FunctionTool] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ValueError(f"two tools are called {tool.name}")
            for schema in (tool.parameters, tool.result_schema):
                JsonSchema.of(schema)
            self._tools[tool.name] = replace(tool, source=source_id)

    @property
    def tools(self) -> tuple[FunctionTool, ...]:
        """All of them."""
        return tuple(self._tools.values())

    async def list(self, scope: Scope) -> Sequence[Tool]:  # noqa: ARG002 - they are everybody's
        """All of them."""
        return self.tools

    async def call(self, name: str, arguments: Arguments, call: ToolCallContext) -> ToolOutcome:
        """Run the function."""
        tool = self._tools.get(name)
        if tool is None:
            raise SourceGone(name)
        result = await tool.run(arguments, call)
        try:
            content = orjson.dumps(result).decode()
        except TypeError:
            log.exception("tool.broken", tool=name)
            raise ToolBroken(name) from None
        return ToolOutcome(True, content, result=result)
