"""What is asked of an MCP server: its tools, and calls of them."""

from collections.abc import Mapping
from typing import Any, Final

import mcp_types as types
import orjson
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError

from coda.core.json_limits import TooDeep, TooManyValues, check_shape
from coda.core.text import storable_json
from coda.tools.errors import ToolFailed
from coda.tools.json_schema import JsonSchema, SchemaRefused
from coda.tools.mcp.conversation import Conversation
from coda.tools.mcp.exchange import bounded, converse
from coda.tools.sources.types import (
    LARGEST_TOOL,
    LONGEST_DESCRIPTION,
    MOST_TOOLS,
    LeftOut,
    Offer,
    OfferedTool,
    Source,
)
from coda.tools.types import ToolOutcome

IDEMPOTENCY_KEY: Final = "coda/idempotency-key"
_MOST_PAGES: Final = 20
_LONGEST_NAME: Final = 128
_LONGEST_TITLE: Final = 100
_MOST_LEFT_OUT: Final = 20


async def list_tools(source: Source, how: Conversation) -> Offer:
    """All tools of a server, as far as they can be taken; raises SourceError, AddressRefused."""

    async def work(client: Client) -> tuple[list[types.Tool], str]:
        tools: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            tools.extend(page.tools)
            cursor = page.next_cursor
            if not cursor or len(tools) > MOST_TOOLS:
                break
        return tools, client.protocol_version

    tools, protocol = await converse(source, how, work)
    return offer_of(tools, protocol)


async def call_tool(
    source: Source, how: Conversation, name: str, arguments: Mapping[str, Any], *, key: str
) -> ToolOutcome:
    """Call a tool; raises SourceError, AddressRefused, ToolFailed in the server's words."""
    params = types.CallToolRequestParams(name=name, arguments=dict(arguments), _meta={IDEMPOTENCY_KEY: key})

    async def work(client: Client) -> types.CallToolResult:
        request = types.CallToolRequest(params=params)
        try:
            return await client.session.send_request(request, types.CallToolResult)
        except MCPError as error:
            if error.code != types.HEADER_MISMATCH:
                raise
            await client.list_tools()  # the server wants headers that its list tells of
            return await client.session.send_request(request, types.CallToolResult)

    return outcome_of(await converse(source, how, work))


def offer_of(tools: list[types.Tool], protocol: str) -> Offer:
    """What of a server's tools is taken."""
    taken: dict[str, OfferedTool] = {}
    left_out: list[LeftOut] = []
    for tool in tools:
        reason = f"more than {MOST_TOOLS} tools" if len(taken) >= MOST_TOOLS else _why_not(tool, taken)
        if reason is None:
            taken[tool.name] = _offered(tool)
        else:
            left_out.append(LeftOut(bounded(tool.name)[:_LONGEST_NAME], reason))
    return Offer(list(taken.values()), left_out[:_MOST_LEFT_OUT], protocol)


def _why_not(tool: types.Tool, taken: Mapping[str, OfferedTool]) -> str | None:
    if not 0 < len(tool.name) <= _LONGEST_NAME or not tool.name.isprintable():
        return f"a name has 1 to {_LONGEST_NAME} characters"
    if tool.name in taken:
        return "it is listed twice"
    try:
        schemas = orjson.dumps([tool.input_schema, tool.output_schema])
        if len(schemas) > LARGEST_TOOL:
            return f"its schemas are larger than {LARGEST_TOOL:,} bytes"
        check_shape(schemas)
        JsonSchema(tool.input_schema)
        JsonSchema(tool.output_schema or {})
    except (orjson.JSONEncodeError, SchemaRefused, TooDeep, TooManyValues):
        return "its schema is no JSON Schema that can be used"
    return None if tool.input_schema.get("type") == "object" else "its arguments are no object"


def _offered(tool: types.Tool) -> OfferedTool:
    """Hints are the server's own word, and give defaults only. What is said to destroy is never taken as reading."""
    hints = tool.annotations or types.ToolAnnotations()
    only_reads = bool(hints.read_only_hint) and not hints.destructive_hint
    title = tool.title or hints.title or tool.name
    return OfferedTool(
        name=tool.name,
        title=bounded(title)[:_LONGEST_TITLE],
        description=_description(tool.description or ""),
        parameters=storable_json(tool.input_schema),
        result_schema=storable_json(tool.output_schema or {}),
        has_side_effects=not only_reads,
        may_repeat=only_reads or bool(hints.idempotent_hint),
    )


def _description(text: str) -> str:
    text = storable_json(text).strip()
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[:LONGEST_DESCRIPTION]}…"


def outcome_of(result: types.CallToolResult) -> ToolOutcome:
    """A server's result: its structured content, else its text. Raises ToolFailed where it says that it failed."""
    text = "\n".join(_text_of(block) for block in result.content)
    if result.is_error:
        raise ToolFailed(bounded(text) or "The tool failed and did not say why.")
    value = text if result.structured_content is None else result.structured_content
    value = storable_json(value)
    return ToolOutcome(True, orjson.dumps(value).decode(), result=value)


def _text_of(block: Any) -> str:  # noqa: ANN401 - the SDK's union
    if isinstance(block, types.TextContent):
        return block.text
    if isinstance(block, types.EmbeddedResource) and isinstance(block.resource, types.TextResourceContents):
        return block.resource.text
    if isinstance(block, types.ResourceLink):
        return f"[{block.name}: {block.uri}]"
    return f"[{block.type}, which is not shown]"
