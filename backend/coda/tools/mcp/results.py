"""What a call came to: a server's result as ours."""

from typing import Any, Final

import mcp_types as types
import orjson
from mcp_types.methods import parse_server_result
from pydantic import ValidationError

from coda.core.text import storable_json
from coda.tools.errors import ToolFailed
from coda.tools.mcp.conversation import bounded
from coda.tools.types import ToolOutcome

_CALL: Final = "tools/call"
_LONGEST_KIND: Final = 40


def screened(result: dict[str, Any], version: str) -> dict[str, Any]:
    """A result whose content of other kinds than we know is told of instead."""
    content = result.get("content")
    if not isinstance(content, list):
        return result
    page = {**result, "content": []}
    return {**result, "content": [_known(block, page, version) for block in content]}


def _known(block: Any, page: dict[str, Any], version: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        parse_server_result(_CALL, version, {**page, "content": [block]})
    except ValidationError:
        kind = block.get("type") if isinstance(block, dict) else None
        return {"type": "text", "text": _not_shown(kind if isinstance(kind, str) else "something")}
    return block


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
    return _not_shown(block.type)


def _not_shown(kind: str) -> str:
    return f"[{kind[:_LONGEST_KIND]}, which is not shown]"
