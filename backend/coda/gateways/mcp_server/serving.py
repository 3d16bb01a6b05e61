"""One request over MCP, answered by a server of the SDK that knows its caller and is gone afterwards."""

from typing import Any, Final

import structlog
from mcp.server import Server, ServerRequestContext
from mcp.server.context import CallNext, HandlerResult
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from starlette.types import Receive, Scope, Send

from coda import __version__
from coda.core.db import DatabaseUnavailable, is_database_away
from coda.core.errors import CodaError
from coda.core.http.body_limit import DEFAULT_MAX_BODY
from coda.core.http.errors import INTERNAL, answer_of
from coda.gateways.mcp_server.caller import McpCaller
from coda.gateways.mcp_server.errors import INTERNAL_ERROR, error_object
from coda.gateways.mcp_server.prompts import PromptHandlers
from coda.gateways.mcp_server.resources import ResourceHandlers
from coda.gateways.mcp_server.tools import ToolHandlers

log = structlog.get_logger(__name__)
_INSTRUCTIONS: Final = (
    "Coda is a chat with an agent that shows what it does. `ask` gives it a question and keeps the answer as a chat; "
    "the other tools are those that the agent itself calls. Chats are read as resources."
)


async def serve(caller: McpCaller, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request. Nothing is kept for the next one, and nothing of it goes on once its client has left."""
    manager = StreamableHTTPSessionManager(build_server(caller), stateless=True, max_request_body_size=DEFAULT_MAX_BODY)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def build_server(caller: McpCaller) -> Server[Any]:
    """A server for one caller alone: no handler can see another's rights."""
    tools, resources, prompts = ToolHandlers(caller), ResourceHandlers(caller), PromptHandlers(caller)
    server: Server[Any] = Server(
        "coda",
        version=__version__,
        title="Coda",
        instructions=_INSTRUCTIONS,
        get_tool_input_schema=_no_headers,
        on_list_tools=tools.list,
        on_call_tool=tools.call,
        on_list_resources=resources.list,
        on_list_resource_templates=resources.templates,
        on_read_resource=resources.read,
        on_list_prompts=prompts.list,
        on_get_prompt=prompts.get,
        on_completion=prompts.complete,
    )
    server.middleware[:] = [_boundary]  # the SDK's own takes trace ids from clients; requests are traced by ours
    return server


def _no_headers(_name: str) -> None:
    """No tool of ours repeats arguments in headers, so there is nothing to compare."""


async def _boundary(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """The outermost handler of a call: errors of the domain as JSON-RPC tells them, anything else without details."""
    try:
        return await call_next(ctx)
    except (MCPError, ValidationError):
        raise
    except CodaError as error:
        raise _told(error) from error
    except Exception as error:  # the outermost handler
        if isinstance(error, DBAPIError) and is_database_away(error):
            raise _told(DatabaseUnavailable()) from error
        log.exception("mcp.failed", method=ctx.method, error=type(error).__name__)
        raise MCPError(INTERNAL_ERROR, INTERNAL.message, {"code": INTERNAL.code}) from None


def _told(error: CodaError) -> MCPError:
    told = error_object(answer_of(error))
    return MCPError(told["code"], told["message"], told["data"])
