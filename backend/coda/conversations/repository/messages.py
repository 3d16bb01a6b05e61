"""Messages: written turn by turn, read as paths and as a tree."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, Uuid, and_, bindparam, cast, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONPATH
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession, Message
from coda.conversations.parts import PREVIEW_LENGTH, size_of
from coda.conversations.repository.paths import BOUNDED_PATH, CHILDREN, NEWEST_LEAF, PATH_UP
from coda.conversations.tree import Node, parents_of
from coda.conversations.types import NewMessage
from coda.conversations.visibility import on_readable_path, values_of, writable
from coda.core.db import table_of, update_row
from coda.core.scope import Scope

_FIRST_TEXT = '$[*] ? (@.type == "text" && @.text != "").text'

# Built once: putting a statement together costs more than running it.
_INSERT = insert(table_of(Message)).returning(table_of(Message).c.created_at)
_SET = update_row(Message)
_FIND = select(Message).where(
    Message.org_id == bindparam("org_id", type_=Uuid), Message.id == bindparam("id", type_=Uuid)
)
_FIND_IN_SESSION = _FIND.where(Message.session_id == bindparam("session_id", type_=Uuid))


class MessageRepository:
    """Messages of one organization. Methods that take a session id trust that the scope may read that session.

    Of a session that is read by a share link, paths, siblings and tree show the path of the link alone.
    """

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find(self, session_id: UUID, message_id: UUID) -> Message | None:
        """A message of this session."""
        given = {"org_id": self._scope.org_id, "id": message_id, "session_id": session_id}
        return await self._db.scalar(_FIND_IN_SESSION, given)

    async def find_any(self, message_id: UUID) -> Message | None:
        """A message of the organization, whosever it is (for workers, and to see whether an id is in use)."""
        return await self._db.scalar(_FIND, {"org_id": self._scope.org_id, "id": message_id})

    async def find_writable(self, message_id: UUID) -> Message | None:
        """A message in a session that may be changed and was not deleted."""
        query = (
            select(Message)
            .join(ChatSession, and_(ChatSession.org_id == Message.org_id, ChatSession.id == Message.session_id))
            .where(Message.org_id == self._scope.org_id, Message.id == message_id)
            .where(writable(self._scope), ChatSession.deleted_at.is_(None))
        )
        return await self._db.scalar(query, values_of(self._scope))

    async def insert(self, session_id: UUID, new: NewMessage, *, parent: Message | None) -> Message:
        """Put a message under its parent, None for a root.

        Whoever changes the parent's content later has the branches recounted.
        """
        row = row_below(parent, new, org_id=self._scope.org_id, session_id=session_id)
        return Message(**row, created_at=await self._db.scalar(_INSERT, row))

    async def assign_run(self, message_id: UUID, *, run_id: UUID) -> None:
        """Another run will fill this answer further."""
        await self._set(message_id, run_id=run_id, status="queued")

    async def stop(self, message_id: UUID, *, content: Sequence[Mapping[str, Any]]) -> None:
        """Nobody will fill this answer further."""
        await self._set(message_id, content=list(content), status="stopped")

    async def rewrite(self, message: Message, content: Sequence[dict[str, Any]]) -> None:
        """Give a message another content."""
        message.content = list(content)
        await self._db.flush()

    async def newest_child(self, session_id: UUID, parent_id: UUID) -> Message | None:
        """The newest message right under another one."""
        query = select(Message).where(*self._of(session_id), Message.parent_id == parent_id)
        return await self._db.scalar(query.order_by(Message.created_at.desc(), Message.id.desc()).limit(1))

    async def count_children(self, session_id: UUID, parent_id: UUID | None) -> int:
        """How many messages stand right under one; for None, how many roots there are."""
        query = select(func.count()).where(*self._of(session_id), Message.parent_id == parent_id)
        return int((await self._db.execute(query)).scalar_one())

    async def _set(self, message_id: UUID, **values: Any) -> None:  # noqa: ANN401 - columns of Message
        await self._db.execute(_SET, {"of_org": self._scope.org_id, "of_id": message_id, **values})

    async def list_path(self, session_id: UUID, start_id: UUID, *, limit: int) -> Sequence[Message]:
        """From a message up towards the root, nearest first."""
        given = {"org_id": self._scope.org_id, "session_id": session_id, "start_id": start_id, "limit": limit}
        return (await self._db.scalars(PATH_UP(self._scope), {**values_of(self._scope), **given})).all()

    async def path_to(self, message_id: UUID, *, max_chars: int, limit: int) -> Sequence[Message]:
        """A message and what stands above it, newest first, in one query: as much as holds `max_chars` characters.

        The message itself is always there. `depth` and `chars_above` of the last row tell what lies beyond.
        """
        given = {"org_id": self._scope.org_id, "start_id": message_id, "max_chars": max_chars, "limit": limit}
        return (await self._db.scalars(BOUNDED_PATH, given)).all()

    async def newest_leaf(self, session_id: UUID, message_id: UUID) -> UUID | None:
        """The leaf that is reached by always going down to the newest answer; None for an unknown message."""
        given = {"org_id": self._scope.org_id, "session_id": session_id, "start_id": message_id}
        return await self._db.scalar(NEWEST_LEAF, given)

    async def list_siblings(self, session_id: UUID, path: Sequence[Node]) -> Sequence[Node]:
        """All children of the parents of these nodes, in one query."""
        given = {
            "org_id": self._scope.org_id,
            "session_id": session_id,
            "parents": parents_of(path),
            "with_roots": any(node.parent_id is None for node in path),
        }
        rows = await self._db.execute(CHILDREN(self._scope), {**values_of(self._scope), **given})
        return [Node(*row) for row in rows]

    async def list_tree(self, session_id: UUID) -> Sequence[Row[UUID, UUID | None, str, str | None, datetime]]:
        """Every message as (id, parent, role, preview, time), parents before children."""
        first_text = func.jsonb_path_query_first(Message.content, cast(_FIRST_TEXT, JSONPATH))
        preview = func.left(first_text.op("#>>")(literal([], ARRAY(Text))), PREVIEW_LENGTH)
        query = (
            select(Message.id, Message.parent_id, Message.role, preview, Message.created_at)
            .where(*self._of(session_id), on_readable_path(self._scope, Message.id))
            .order_by(Message.depth, Message.created_at, Message.id)
        )
        return (await self._db.execute(query, values_of(self._scope))).all()

    def _of(self, session_id: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return Message.org_id == self._scope.org_id, Message.session_id == session_id


def row_below(parent: Message | None, new: NewMessage, *, org_id: UUID, session_id: UUID) -> dict[str, Any]:
    """A new message's row, with its place in the tree."""
    return {
        "org_id": org_id,
        "id": new.id,
        "session_id": session_id,
        "parent_id": parent.id if parent else None,
        "depth": parent.depth + 1 if parent else 0,
        "chars_above": parent.chars_above + size_of(parent.content) if parent else 0,
        "role": new.role,
        "content": list(new.content),
        "status": new.status,
        "model": new.model,
        "run_id": new.run_id,
    }
