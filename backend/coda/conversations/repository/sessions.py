"""Chat sessions: what people see of them, and what a run changes in them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, column, exists, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession, Message
from coda.conversations.repository.hits import find_hits
from coda.conversations.types import SessionFilter, SessionHit, SessionOrigin, SessionRunStatus
from coda.conversations.visibility import PerActor, readable, values_of, writable
from coda.core.db import update_row
from coda.core.pagination import Cursor
from coda.core.scope import Scope

# A cursor is one (time, id): pinned sessions count as changed a thousand years later, so that they come first.
PINNED_LEAD = timedelta(days=365_250)
_FIRST_PINNED_YEAR = 2_900

# Built once: putting a statement together costs more than running it.
_SET = update_row(ChatSession)
_TOUCH = _SET.values(updated_at=func.now())
_ONE = select(ChatSession).where(ChatSession.id == bindparam("id", type_=Uuid))
_FIND = PerActor(lambda scope: _ONE.where(readable(scope), ChatSession.deleted_at.is_(None)))
_LOCK = PerActor(lambda scope: _ONE.where(writable(scope)).with_for_update().execution_options(populate_existing=True))
_SET_GENERATED_TITLE = (
    _SET.where(ChatSession.title_source.is_distinct_from("user"))
    .values(title_source="generated")
    .returning(ChatSession.id)
)


class ChatSessionRepository:
    """Sessions of one organization, as far as the scope may read and change them."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def insert(self, session_id: UUID, *, title: str | None, origin: SessionOrigin) -> bool:
        """Make a session; False where the id is in use, whoever uses it."""
        statement = (
            insert(ChatSession)
            .values(
                org_id=self._scope.org_id,
                id=session_id,
                owner_id=self._scope.user_id,
                title=title,
                title_source="user" if title else None,
                origin=origin,
            )
            .on_conflict_do_nothing()
            .returning(ChatSession.id)
        )
        return await self._db.scalar(statement) is not None

    async def find(self, session_id: UUID) -> ChatSession | None:
        """A session that may be read and was not deleted."""
        return await self._db.scalar(_FIND(self._scope), {**values_of(self._scope), "id": session_id})

    async def lock(self, session_id: UUID, *, include_deleted: bool = False) -> ChatSession | None:
        """A session that may be changed, held until the transaction ends, so that turns queue up."""
        found = await self._db.scalar(_LOCK(self._scope), {**values_of(self._scope), "id": session_id})
        return found if found is None or found.deleted_at is None or include_deleted else None

    async def is_writable(self, session_id: UUID) -> bool:
        """Whether a session may be changed and was not deleted."""
        query = select(ChatSession.id).where(
            writable(self._scope), ChatSession.id == session_id, ChatSession.deleted_at.is_(None)
        )
        return await self._db.scalar(query, values_of(self._scope)) is not None

    async def list_page(self, wanted: SessionFilter, *, cursor: Cursor | None, limit: int) -> Sequence[ChatSession]:
        """Pinned ones first, then by last change; one more than `limit` tells of a next page."""
        found: list[ChatSession] = []
        most = limit + 1
        shifted = Cursor(cursor.at - PINNED_LEAD, cursor.id) if cursor and is_among_pinned(cursor) else None
        if cursor is None or shifted:
            pinned = self._page(wanted, pinned=True, cursor=shifted, limit=most)
            found.extend(await self._db.scalars(pinned, values_of(self._scope)))
            cursor = None
        if len(found) < most:
            others = self._page(wanted, pinned=False, cursor=cursor, limit=most - len(found))
            found.extend(await self._db.scalars(others, values_of(self._scope)))
        return found

    async def hits(self, session_ids: Collection[UUID], words: Sequence[str]) -> Mapping[UUID, SessionHit]:
        """By session, the message that has most of the words; none where only the title has them."""
        return await find_hits(self._db, self._scope, session_ids, words) if words else {}

    def _page(self, wanted: SessionFilter, *, pinned: bool, cursor: Cursor | None, limit: int) -> Select[ChatSession]:
        which = ChatSession.pinned_at.is_not(None) if pinned else ChatSession.pinned_at.is_(None)
        query = (
            select(ChatSession)
            .where(readable(self._scope), ChatSession.deleted_at.is_(None), which)
            .order_by(ChatSession.updated_at.desc(), ChatSession.id.desc())
            .limit(limit)
        )
        if wanted.origins is not None and not (pinned and wanted.with_pins):
            query = query.where(_begun_by(wanted.origins))
        if cursor:
            query = query.where(tuple_(ChatSession.updated_at, ChatSession.id) < tuple_(cursor.at, cursor.id))
        if wanted.words:
            query = query.where(*(self._mentions(word) for word in wanted.words))
        return query

    def _mentions(self, word: str) -> ColumnElement[bool]:
        """The word is in the title, or in the text of a message."""
        elements = func.jsonb_array_elements(Message.content)
        part = elements.table_valued(column("value", JSONB), joins_implicitly=True).c.value
        said = (
            exists()
            .where(Message.org_id == ChatSession.org_id, Message.session_id == ChatSession.id)
            .where(part["type"].astext == "text", part["text"].astext.icontains(word, autoescape=True))
        )
        return or_(ChatSession.title.icontains(word, autoescape=True), said)

    async def set_run_status(self, session_id: UUID, status: SessionRunStatus) -> None:
        """What the session's dot shows; counts as a change of the session."""
        await self._db.execute(_TOUCH, {**self._row(session_id), "run_status": status})

    async def set_generated_title(self, session_id: UUID, title: str) -> bool:
        """Give a session a title, unless a person gave it one; False then."""
        return await self._db.scalar(_SET_GENERATED_TITLE, {**self._row(session_id), "title": title}) is not None

    async def flush(self) -> None:
        """Write what was changed on sessions, within the transaction."""
        await self._db.flush()

    def _row(self, session_id: UUID) -> dict[str, Any]:
        return {"of_org": self._scope.org_id, "of_id": session_id}


def _begun_by(origins: Collection[SessionOrigin]) -> ColumnElement[bool]:
    """In the words of the index of people's own chats, which must be found quickly among any number of programs'."""
    if set(origins) == {"app"}:
        return ChatSession.origin == literal_column("'app'")
    return ChatSession.origin.in_(sorted(origins))


def cursor_of(chat_session: ChatSession) -> Cursor:
    """Where a page that ends with this session ends."""
    lead = PINNED_LEAD if chat_session.pinned_at else timedelta(0)
    return Cursor(chat_session.updated_at + lead, chat_session.id)


def is_among_pinned(cursor: Cursor) -> bool:
    """Whether the cursor stands within the pinned sessions."""
    return cursor.at.year >= _FIRST_PINNED_YEAR
