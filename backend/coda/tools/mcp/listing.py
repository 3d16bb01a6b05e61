"""What of a server's tools is taken, and why the others are not: one that is bad leaves the others as they are."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import mcp_types as types
import orjson
from mcp.shared.inbound import find_invalid_x_mcp_header
from mcp_types.methods import parse_server_result
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from coda.core.json_limits import TooDeep, TooManyValues, check_shape
from coda.core.text import storable_json
from coda.tools.json_schema import JsonSchema, SchemaRefused
from coda.tools.mcp.conversation import bounded
from coda.tools.sources.types import (
    LONGEST_DESCRIPTION,
    MOST_SCHEMA_BYTES,
    MOST_TOOLS,
    LeftOut,
    Offer,
    OfferedTool,
    Unfit,
)

_LIST: Final = "tools/list"
_LONGEST_NAME: Final = 128
_LONGEST_TITLE: Final = 100
_MOST_LEFT_OUT: Final = 20
_MOST_READ: Final = 2 * MOST_TOOLS


class Listing:
    """The tools of a server as its pages come."""

    def __init__(self) -> None:
        self._taken: dict[str, OfferedTool] = {}
        self._left_out: list[LeftOut] = []
        self._room = _MOST_READ

    def screen(self, result: dict[str, Any], version: str) -> dict[str, Any]:
        """A page without the tools that cannot be read. Raises ValidationError where it is no page."""
        cursor = result.get("nextCursor")
        page = {**result, "tools": [], "nextCursor": cursor if isinstance(cursor, str) else None}
        page = {key: value for key, value in page.items() if value is not None}
        parse_server_result(_LIST, version, page)
        tools = result.get("tools")
        if not isinstance(tools, list):
            return result
        return {
            **page,
            "tools": [tool for tool in self._within_bounds(tools) if self._can_be_read(tool, page, version)],
        }

    def add(self, tools: Iterable[types.Tool]) -> None:
        """Take what can be used."""
        for tool in tools:
            unfit = Unfit.TOO_MANY if len(self._taken) >= MOST_TOOLS else _unfitness(tool, self._taken)
            if unfit is None:
                self._taken[tool.name] = _offered(tool)
            else:
                self._leave_out(tool.name, unfit)

    def offer(self, protocol: str) -> Offer:
        """What was taken."""
        return Offer(list(self._taken.values()), self._left_out, protocol)

    @property
    def is_full(self) -> bool:
        """Whether no more is taken."""
        return len(self._taken) >= MOST_TOOLS or self._room <= 0

    def _within_bounds(self, tools: list[Any]) -> list[Any]:
        """As many as are looked at. The others are left out as they are."""
        looked_at, others = tools[: self._room], tools[self._room :]
        self._room -= len(looked_at)
        for tool in others[:_MOST_LEFT_OUT]:
            self._is_left_out(tool, Unfit.TOO_MANY)
        return looked_at

    def _can_be_read(self, tool: Any, page: Mapping[str, Any], version: str) -> bool:  # noqa: ANN401 - any JSON
        try:
            parse_server_result(_LIST, version, {**page, "tools": [tool]})
        except (ValidationError, RecursionError):
            return self._is_left_out(tool, Unfit.UNREADABLE)
        has_bad_header = find_invalid_x_mcp_header(tool["inputSchema"]) is not None
        if version in MODERN_PROTOCOL_VERSIONS and has_bad_header:
            return self._is_left_out(tool, Unfit.HEADERS)
        return True

    def _is_left_out(self, tool: Any, unfit: Unfit) -> bool:  # noqa: ANN401 - any JSON
        name = tool.get("name") if isinstance(tool, dict) else None
        self._leave_out(name if isinstance(name, str) else "", unfit)
        return False

    def _leave_out(self, name: str, unfit: Unfit) -> None:
        if len(self._left_out) < _MOST_LEFT_OUT:
            shown = "".join(letter if letter.isprintable() else "�" for letter in bounded(name)[:_LONGEST_NAME])
            self._left_out.append(LeftOut(shown, unfit))


def _unfitness(tool: types.Tool, taken: Mapping[str, OfferedTool]) -> Unfit | None:
    if not 0 < len(tool.name) <= _LONGEST_NAME or not tool.name.isprintable():
        return Unfit.NAME
    if tool.name in taken:
        return Unfit.TWICE
    try:
        schemas = orjson.dumps([tool.input_schema, tool.output_schema])
        if len(schemas) > MOST_SCHEMA_BYTES:
            return Unfit.TOO_LARGE
        check_shape(schemas)
        JsonSchema(tool.input_schema)
        JsonSchema(tool.output_schema or {})
    except (orjson.JSONEncodeError, SchemaRefused, TooDeep, TooManyValues):
        return Unfit.SCHEMA
    return None if tool.input_schema.get("type") == "object" else Unfit.ARGUMENTS


def _offered(tool: types.Tool) -> OfferedTool:
    """Hints are the server's own word, and give defaults only. What is said to destroy is never taken as reading."""
    hints = tool.annotations or types.ToolAnnotations()
    only_reads = bool(hints.read_only_hint) and not hints.destructive_hint
    title = bounded(tool.title or hints.title or "") or tool.name
    return OfferedTool(
        name=tool.name,
        title=title[:_LONGEST_TITLE],
        description=_description(tool.description or ""),
        parameters=storable_json(tool.input_schema),
        result_schema=storable_json(tool.output_schema or {}),
        has_side_effects=not only_reads,
        may_repeat=only_reads or bool(hints.idempotent_hint),
    )


def _description(text: str) -> str:
    text = storable_json(text).strip()
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[:LONGEST_DESCRIPTION]}…"
