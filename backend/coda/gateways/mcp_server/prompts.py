"""Prompts over MCP, and what their arguments may be completed to."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mcp.server import ServerRequestContext
from mcp_types import (
    CompleteRequestParams,
    CompleteResult,
    Completion,
    EmbeddedResource,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    TextContent,
)

from coda.gateways.mcp_server.caller import McpCaller
from coda.gateways.mcp_server.chats import ChatAddress, Chats, FoundChat
from coda.gateways.mcp_server.errors import InvalidArguments, NoSuchPrompt
from coda.gateways.mcp_server.resources import contents

Context = ServerRequestContext[Any, Any]
_SESSION: Final = "session_id"
_CHAT: Final = PromptArgument(name=_SESSION, description="The chat, by its id.", required=True)
PROMPTS: Final = (
    Prompt(
        name="summarise_chat",
        title="Summarise a chat",
        description="What was asked, found and decided in one of your chats.",
        arguments=[_CHAT, PromptArgument(name="focus", description="What matters most.", required=False)],
    ),
    Prompt(
        name="continue_chat",
        title="Go on with a chat",
        description="Ask Coda's agent on in one of your chats.",
        arguments=[_CHAT, PromptArgument(name="question", description="What to ask next.", required=True)],
    ),
    Prompt(
        name="search_chats",
        title="Answer from chats",
        description="Find the chats that hold some words, and answer from them.",
        arguments=[PromptArgument(name="words", description="What is looked for.", required=True)],
    ),
)
_MOST_VALUES: Final = 100


class PromptHandlers:
    """The prompts of one caller."""

    def __init__(self, caller: McpCaller) -> None:
        self._chats = Chats(caller)

    async def list(self, _context: Context, _params: PaginatedRequestParams | None) -> ListPromptsResult:
        """All of them."""
        return ListPromptsResult(prompts=list(PROMPTS))

    async def get(self, _context: Context, params: GetPromptRequestParams) -> GetPromptResult:
        """A prompt with the chats that it is about."""
        prompt = next((prompt for prompt in PROMPTS if prompt.name == params.name), None)
        if prompt is None:
            raise NoSuchPrompt
        given = params.arguments or {}
        for argument in prompt.arguments or ():
            if argument.required and not given.get(argument.name, "").strip():
                raise InvalidArguments(f"{argument.name} is missing.")
        return GetPromptResult(description=prompt.description, messages=list(await self._messages(prompt, given)))

    async def _messages(self, prompt: Prompt, given: Mapping[str, str]) -> Sequence[PromptMessage]:
        if prompt.name == "search_chats":
            return [await self._search(given["words"])]
        if prompt.name == "summarise_chat":
            focus = f" Dwell on: {given['focus']}" if given.get("focus") else ""
            said = f"Summarise this chat: what was asked, what was found, what was decided, what is open.{focus}"
            return [_user(said), await self._chat(given)]
        said = (
            f"Call the tool `ask` with session_id {given[_SESSION]!r} and this question, and tell me the answer:"
            f"\n\n{given['question']}"
        )
        return [await self._chat(given), _user(said)]

    async def complete(self, _context: Context, params: CompleteRequestParams) -> CompleteResult:
        """Ids of chats, by the beginning of the id, or by words in title and messages."""
        if params.argument.name not in (_SESSION, "id"):
            return CompleteResult(completion=Completion(values=[]))
        chats = await self._chats.complete(params.argument.value)
        return CompleteResult(completion=Completion(values=[str(chat.id) for chat in chats[:_MOST_VALUES]]))

    async def _chat(self, given: Mapping[str, str]) -> PromptMessage:
        address = ChatAddress.of(f"coda://sessions/{given[_SESSION]}")
        chat = await self._chats.read(address)
        embedded = EmbeddedResource(type="resource", resource=contents(address.uri, address, chat))
        return PromptMessage(role="user", content=embedded)

    async def _search(self, words: str) -> PromptMessage:
        found = await self._chats.search(words)
        listed = "\n".join(_listed(chat) for chat in found)
        said = f"These of my chats hold the words {words!r}. Read those that matter, and answer from them.\n\n{listed}"
        return _user(said if found else f"None of my chats holds the words {words!r}. Say so.")


def _listed(chat: FoundChat) -> str:
    excerpt = f"\n  {chat.excerpt}" if chat.excerpt else ""
    return f"- {chat.title} (session_id {chat.id}, {ChatAddress(chat.id).uri}){excerpt}"


def _user(text: str) -> PromptMessage:
    return PromptMessage(role="user", content=TextContent(type="text", text=text))
