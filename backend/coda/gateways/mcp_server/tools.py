"""Tools over MCP: `ask`, which is the whole agent, and those that the caller has switched on."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.core.errors import CodaError
from coda.gateways.mcp_server.asking import Answer, Asking, Question
from coda.gateways.mcp_server.caller import McpCaller
from coda.gateways.mcp_server.errors import INVALID_PARAMS
from coda.gateways.mcp_server.progress import Progress
from coda.identity.wiring import build_accounts
from coda.tools.errors import UnknownTool
from coda.tools.types import Tool as CodaTool
from coda.tools.types import ToolOutcome

Context = ServerRequestContext[Any, Any]
ASK: Final = "ask"
_EVALUATION: Final = "coda/evaluation"
_ASK_TOOL: Final = Tool(
    name=ASK,
    title="Ask Coda",
    description=(
        "Ask Coda's agent a question; it thinks, calls its own tools and answers. The answer is kept as a chat: give "
        "its session_id again to go on in it. An answer that waits for a person's decision says so, with a link."
    ),
    input_schema=Question.model_json_schema(),
    output_schema=Answer.model_json_schema(),
    annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=True),
)


class ToolHandlers:
    """The tools of one caller."""

    def __init__(self, caller: McpCaller) -> None:
        self._caller = caller

    async def list(self, _context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
        """All of them at once; nothing for who may not call any."""
        principal = self._caller.principal
        if not principal.may(Permission.RUNS_WRITE):
            return ListToolsResult(tools=[])
        tools = await self._caller.tool_calls.list(principal.scope)
        return ListToolsResult(tools=[_ASK_TOOL, *(_described(tool) for tool in tools if tool.name != ASK)])

    async def call(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """Call one. What is refused or fails is told to the model; only what does not exist is an error of the call."""
        try:
            if params.name == ASK:
                return await self._ask(context, params.arguments or {})
            return await self._call(params.name, params.arguments or {})
        except CodaError as error:
            return _failed(error.message, error.as_dict())

    async def _ask(self, context: Context, arguments: Mapping[str, Any]) -> CallToolResult:
        async def report(number: float, said: str) -> None:
            await context.session.report_progress(number, message=said)

        asking = Asking(self._caller, Question.of(arguments), self._caller.run_id_of(context.request_id))
        text, answer = await asking.answer(Progress(report))
        return CallToolResult(content=[_text(text)], structured_content=answer.model_dump(mode="json"))

    async def _call(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        caller, principal = self._caller, self._caller.principal
        check(principal, Permission.RUNS_WRITE)
        async with caller.database.transaction(principal.scope) as db:
            time_zone = (await build_accounts(db).get(principal.user_id)).time_zone
        given = orjson.dumps(dict(arguments)).decode()
        outcome = await caller.tool_calls.call(principal.scope, principal.user_id, name, given, time_zone=time_zone)
        return _result(outcome)


def _described(tool: CodaTool) -> Tool:
    has_object = tool.result_schema.get("type") == "object"
    return Tool(
        name=tool.name,
        description=tool.description,
        input_schema={"type": "object", **tool.parameters},
        output_schema=dict(tool.result_schema) if has_object else None,
        annotations=ToolAnnotations(
            read_only_hint=not tool.has_side_effects,
            destructive_hint=tool.has_side_effects,
            idempotent_hint=not tool.has_side_effects,
        ),
    )


def _result(outcome: ToolOutcome) -> CallToolResult:
    """A result that fails its own checks is none: the model reads why."""
    error = outcome.error
    if error is not None and error["code"] == UnknownTool.code:
        raise MCPError(INVALID_PARAMS, error["message"], {"code": error["code"]})
    if error is not None:
        return _failed(error["message"], error)
    evaluation = dict(outcome.evaluation)
    told = CallToolResult(content=[_text(outcome.content)], _meta={_EVALUATION: evaluation})
    if evaluation.get("verdict", "ok") != "ok":
        told.content.append(_text(evaluation["reason"]))
    told.is_error = not evaluation.get("valid", True)
    if isinstance(outcome.result, dict) and not told.is_error:
        told.structured_content = outcome.result
    return told


def _failed(message: str, error: Mapping[str, Any]) -> CallToolResult:
    return CallToolResult(content=[_text(message)], structured_content={"error": dict(error)}, is_error=True)


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)
