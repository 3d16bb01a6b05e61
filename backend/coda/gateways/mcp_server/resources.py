"""Resources over MCP: the caller's chats."""

from typing import Any

from mcp.server import ServerRequestContext
from mcp_types import (
    Annotations,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from coda.conversations.models import ChatSession
from coda.gateways.mcp_server.caller import McpCaller
from coda.gateways.mcp_server.chats import JSON, JSON_TEMPLATE, MARKDOWN, TEMPLATE, ChatAddress, Chats, title_of
from coda.gateways.mcp_server.told import ToldChat

Context = ServerRequestContext[Any, Any]


class ResourceHandlers:
    """The chats of one caller."""

    def __init__(self, caller: McpCaller) -> None:
        self._chats = Chats(caller)

    async def list(self, _context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        """A page of chats."""
        page = await self._chats.list(params.cursor if params is not None else None)
        return ListResourcesResult(resources=[_resource(chat) for chat in page.items], next_cursor=page.next_cursor)

    async def templates(self, _context: Context, _params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
        """The two forms of a chat."""
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(
                    name="chat",
                    title="Chat",
                    uri_template=TEMPLATE,
                    description="A chat as Markdown; `before` goes on to older messages.",
                    mime_type=MARKDOWN,
                ),
                ResourceTemplate(
                    name="chat-json",
                    title="Chat as JSON",
                    uri_template=JSON_TEMPLATE,
                    description="The messages of a chat with all of their parts.",
                    mime_type=JSON,
                ),
            ]
        )

    async def read(self, _context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        """The newest messages of a chat."""
        address = ChatAddress.of(params.uri)
        return ReadResourceResult(contents=[contents(params.uri, address, await self._chats.read(address))])


def contents(uri: str, address: ChatAddress, chat: ToldChat) -> TextResourceContents:
    """A chat in the form that is wanted."""
    text = chat.as_json() if address.form == JSON else chat.as_markdown()
    return TextResourceContents(uri=uri, mime_type=address.form, text=text)


def _resource(chat: ChatSession) -> Resource:
    return Resource(
        uri=ChatAddress(chat.id).uri,
        name=title_of(chat),
        mime_type=MARKDOWN,
        annotations=Annotations(last_modified=chat.updated_at.isoformat()),
    )
