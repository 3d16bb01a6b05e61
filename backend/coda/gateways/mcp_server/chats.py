"""The caller's chats, as resources and prompts tell of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from coda.access.checks import check
from coda.access.permissions import Permission
from coda.conversations.models import ChatSession
from coda.conversations.types import LONGEST_SEARCH, SessionFilter
from coda.conversations.wiring import message_service, session_service
from coda.core.pagination import Cursor, Page
from coda.gateways.mcp_server.caller import McpCaller
from coda.gateways.mcp_server.errors import InvalidArguments, NoSuchResource
from coda.gateways.mcp_server.told import ToldChat, fitting

TEMPLATE: Final = "coda://sessions/{id}{?before}"
JSON_TEMPLATE: Final = "coda://sessions/{id}.json{?before}"
Form = Literal["text/markdown", "application/json"]
MARKDOWN: Final = "text/markdown"
JSON: Final = "application/json"
_UNTITLED: Final = "Untitled chat"
_JSON_SUFFIX: Final = ".json"
_PAGE: Final = 50
_MOST_FOUND: Final = 100
_MOST_MESSAGES: Final = 100
_MOST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """What a URI names: a chat, the form in which it is wanted, and before which message it ends."""

    session_id: UUID
    form: Form = MARKDOWN
    before: str | None = None

    @classmethod
    def of(cls, uri: str) -> "ChatAddress":
        """Read a URI; raises NoSuchResource."""
        try:
            parts = urlsplit(uri)
            name = parts.path.removeprefix("/")
            session_id = UUID(name.removesuffix(_JSON_SUFFIX))
            before = parse_qs(parts.query).get("before", [None])[0]
        except ValueError:
            raise NoSuchResource from None
        if (parts.scheme, parts.netloc) != ("coda", "sessions"):
            raise NoSuchResource
        return cls(session_id, JSON if name.endswith(_JSON_SUFFIX) else MARKDOWN, before)

    @property
    def uri(self) -> str:
        """The URI of the newest messages in this form."""
        return f"coda://sessions/{self.session_id}{_JSON_SUFFIX if self.form == JSON else ''}"


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A chat that mentions what is looked for; `excerpt` is from its messages, None where only its title does."""

    id: UUID
    title: str
    excerpt: str | None


@dataclass(frozen=True, slots=True)
class Chats:
    """Reads one caller's chats, as far as their key may. Each method raises MissingKeyScope."""

    caller: McpCaller

    async def list(self, cursor: str | None) -> Page[ChatSession]:
        """A page of them, pinned first, then by last change; raises InvalidCursor."""
        return await self._page(SessionFilter(), cursor, _PAGE)

    async def complete(self, typed: str) -> Sequence[ChatSession]:
        """Those whose id begins so, else those with these words in title or messages; the last ones without words."""
        page = await self._page(SessionFilter(), None, _MOST_FOUND)
        by_id = [chat for chat in page.items if str(chat.id).startswith(typed.lower())]
        if by_id:
            return by_id
        return (await self._page(SessionFilter(typed[:LONGEST_SEARCH]), None, _MOST_FOUND)).items

    async def search(self, words: str) -> Sequence[FoundChat]:
        """Those with these words in title or messages, as the app finds them; raises InvalidArguments."""
        if len(words) > LONGEST_SEARCH:
            raise InvalidArguments(f"words: at most {LONGEST_SEARCH} characters.")
        check(self.caller.principal, Permission.SESSIONS_READ)
        wanted, scope = SessionFilter(words), self.caller.principal.scope
        async with self.caller.database.transaction(scope) as db:
            sessions = session_service(db, scope)
            found = (await sessions.list(wanted, cursor=None, limit=_MOST_SHOWN)).items
            hits = await sessions.hits(found, wanted)
        excerpts = {session_id: hit.snippet for session_id, hit in hits.items()}
        return [FoundChat(chat.id, title_of(chat), excerpts.get(chat.id)) for chat in found]

    async def read(self, address: ChatAddress) -> ToldChat:
        """The newest messages before the address's place; raises ChatSessionNotFound, InvalidCursor."""
        check(self.caller.principal, Permission.SESSIONS_READ)
        scope, session_id = self.caller.principal.scope, address.session_id
        async with self.caller.database.transaction(scope) as db:
            chat_session = await session_service(db, scope).get(session_id)
            page = await message_service(db, scope).list_path(
                session_id, leaf_id=None, before=address.before, limit=_MOST_MESSAGES
            )
            title = title_of(chat_session)
        shown, next_cursor = fitting(page.items), page.next_cursor
        if len(shown) < len(page.items):
            next_cursor = Cursor(shown[0].created_at, shown[0].id).encode()
        return ToldChat(title, shown, f"{address.uri}?before={next_cursor}" if next_cursor else None)

    async def _page(self, wanted: SessionFilter, cursor: str | None, limit: int) -> Page[ChatSession]:
        check(self.caller.principal, Permission.SESSIONS_READ)
        scope = self.caller.principal.scope
        async with self.caller.database.transaction(scope) as db:
            return await session_service(db, scope).list(wanted, cursor=cursor, limit=limit)


def title_of(chat_session: ChatSession) -> str:
    """What a chat is called."""
    return chat_session.title or _UNTITLED
