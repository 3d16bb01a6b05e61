"""The tools that an agent may call, by name."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from coda.llm.types import ToolSpec
from coda.tools.errors import UnknownTool, UnknownToolSet
from coda.tools.json_schema import JsonSchema
from coda.tools.types import Tool

_LONGEST_NAME = 80


class ToolRegistry:
    """Holds tools in the order given. A tool whose schemas are not valid JSON Schema is refused at start."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        self._schemas: dict[str, JsonSchema] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ValueError(f"two tools are called {tool.name}")
            JsonSchema.of(tool.result_schema)
            self._tools[tool.name] = tool
            self._schemas[tool.name] = JsonSchema.of(tool.parameters)
        self._specs = tuple(ToolSpec(tool.name, tool.description, tool.parameters) for tool in self._tools.values())

    def list(self) -> tuple[Tool, ...]:
        """All tools."""
        return tuple(self._tools.values())

    def find(self, name: str) -> Tool | None:
        """The tool of this name, if there is one."""
        return self._tools.get(name)

    def get(self, name: str) -> Tool:
        """The tool of this name; raises UnknownTool with the nearest name."""
        tool = self._tools.get(name)
        if tool is None:
            similar = get_close_matches(name[:_LONGEST_NAME], self._tools, n=1)
            raise UnknownTool(name, similar=similar[0] if similar else None, known=tuple(self._tools))
        return tool

    def schema(self, name: str) -> JsonSchema:
        """The compiled schema of a tool's arguments."""
        return self._schemas[name]

    def specs(self) -> tuple[ToolSpec, ...]:
        """All tools as a model is told of them."""
        return self._specs


def guarded(tools: Iterable[Tool], names: str | None) -> tuple[Tool, ...]:
    """The tools, those with these comma-separated names asking a person before each call; raises UnknownToolSet."""
    given = tuple(tools)
    asking = {name.strip() for name in (names or "").split(",")} - {""}
    known = [tool.name for tool in given]
    if unknown := sorted(asking.difference(known)):
        raise UnknownToolSet(unknown, known=known)
    return tuple(replace(tool, needs_approval=True) if tool.name in asking else tool for tool in given)
