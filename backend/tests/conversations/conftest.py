"""The routes of conversations over the module's database, two organizations, and chats to read."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.roles import Role
from coda.auth.wiring import build_authenticator
from coda.conversations import endpoints
from coda.conversations.models import Message
from coda.conversations.parts import text_part
from coda.conversations.types import MessageStatus, NewMessage
from coda.conversations.wiring import messages, sessions, turns
from coda.core.db import Database
from coda.core.http.install import install_http
from coda.core.http.routes import join_routers
from coda.core.ids import new_id
from coda.core.rate_limit import MemoryRateLimiter
from coda.core.scope import Scope
from coda.core.settings import Settings
from coda.identity.wiring import build_identity
from coda.runs.stream.hub.memory import MemoryHub
from coda.runs.stream.hub.port import Note
from coda.runs.stream.notifications import RunNotifier
from tests.callers import Caller, Town


@pytest.fixture
def app(database: Database, settings: Settings) -> FastAPI:
    app = FastAPI()
    join_routers(app, endpoints.router)
    install_http(app, settings)
    app.state.settings, app.state.database = settings, database
    app.state.identity = build_identity(settings, MemoryRateLimiter())
    app.state.authenticator = build_authenticator(app.state.identity)
    app.state.hub = MemoryHub()
    app.state.notes = RunNotifier(app.state.hub)
    return app


@pytest.fixture
async def client(app: FastAPI, member: Caller) -> AsyncIterator[AsyncClient]:
    """A client signed in as `member`."""
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://coda.lan:8000", headers=member.headers) as client:
        yield client


@pytest.fixture
def heard(app: FastAPI) -> list[Note]:
    """What other tabs are told."""
    notes: list[Note] = []
    app.state.hub.listen(notes.append)
    return notes


@pytest.fixture
def town(app: FastAPI, database: Database) -> Town:
    return Town(database, app.state.identity)


@pytest.fixture
async def org_id(town: Town) -> UUID:
    return await town.found()


@pytest.fixture
async def member(town: Town, org_id: UUID) -> Caller:
    return await town.settle(org_id, Role.MEMBER)


@pytest.fixture
async def colleague(town: Town, org_id: UUID) -> Caller:
    """An administrator of the same organization; sees nothing of the member's chats all the same."""
    return await town.settle(org_id, Role.ADMIN)


@pytest.fixture
async def viewer(town: Town, org_id: UUID) -> Caller:
    return await town.settle(org_id, Role.VIEWER)


@pytest.fixture
async def stranger(town: Town) -> Caller:
    """An administrator of another organization."""
    return await town.settle(await town.found(), Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat session of somebody, written to as runs do."""

    id: UUID
    scope: Scope
    database: Database

    async def ask(self, text: str, answer: str, *, under: UUID | None = None) -> tuple[UUID, UUID]:
        """An exchange below a message, None for a new root; shown afterwards."""
        question = await self.add("user", text, under=under)
        return question, await self.add("assistant", answer, under=question)

    async def add(self, role: str, text: str, *, under: UUID | None, status: MessageStatus = "complete") -> UUID:
        """One message, in a transaction of its own."""
        async with self.database.transaction(self.scope) as db:
            parent = await self._parent(db, under)
            new = NewMessage(new_id(), "user" if role == "user" else "assistant", [text_part(text)], status)
            message = await turns(db, self.scope).add(self.id, new, parent=parent)
            await self._show(db, message)
            await sessions(db, self.scope).set_run_status(self.id, "done")
        return message.id

    async def grow(self, exchanges: int, *, words: str = "word") -> UUID:
        """Many exchanges in one transaction, below one another; gives the last answer's id."""
        async with self.database.transaction(self.scope) as db:
            parent: Message | None = None
            rows: list[Message] = []
            for number in range(2 * exchanges):
                role = "assistant" if number % 2 else "user"
                content = [text_part(f"{role} {number} {words}")]
                rows.append(_below(parent, self, role, content))
                parent = rows[-1]
            db.add_all(rows)
            await db.flush()
            await self._show(db, rows[-1])
        return rows[-1].id

    async def _show(self, db: AsyncSession, leaf: Message) -> None:
        chat_session = await sessions(db, self.scope).find(self.id)
        assert chat_session is not None
        chat_session.active_leaf_id, chat_session.last_model = leaf.id, "demo/coda"
        await db.flush()

    async def _parent(self, db: AsyncSession, under: UUID | None) -> Message | None:
        return None if under is None else await messages(db, self.scope).find(self.id, under)


def _below(parent: Message | None, chat: Chat, role: str, content: list[dict[str, str]]) -> Message:
    size = len(parent.content[0]["text"]) if parent else 0
    return Message(
        org_id=chat.scope.org_id,
        id=new_id(),
        session_id=chat.id,
        parent_id=parent.id if parent else None,
        depth=parent.depth + 1 if parent else 0,
        chars_above=parent.chars_above + size if parent else 0,
        role=role,
        content=content,
        status="complete",
    )


async def new_chat(database: Database, scope: Scope, *, title: str | None = None) -> Chat:
    """An empty chat."""
    session_id = new_id()
    async with database.transaction(scope) as db:
        await sessions(db, scope).insert(session_id, title=title, origin="app")
    return Chat(session_id, scope, database)


@pytest.fixture
async def chat(database: Database, member: Caller) -> Chat:
    """An empty chat of the member."""
    return await new_chat(database, member.principal.scope)
