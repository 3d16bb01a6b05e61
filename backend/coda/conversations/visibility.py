"""Which chat sessions a scope may read and change. Every query on them, and on what is in them, joins these.

The conditions have parameters, whose values `values_of` gives, so that a statement with them can be put together once
for each kind of actor (`PerActor`).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Uuid, and_, bindparam, false, literal, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from coda.conversations.models import ChatSession, Message, MessageFile
from coda.core.scope import Actor, Key, Person, Scope, ShareLink, System
from coda.files.models import StoredFile

Statement = TypeVar("Statement")
_DEEPEST: Final = 100_000


def owned_by(org_id: ColumnElement[UUID], user_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """What a person, or a key of theirs, may read and change."""
    return and_(ChatSession.org_id == org_id, ChatSession.owner_id == user_id)


_ORG = bindparam("scope_org_id", type_=Uuid)
_IN_ORGANIZATION = ChatSession.org_id == _ORG
_OWNED = owned_by(_ORG, bindparam("scope_user_id", type_=Uuid))
_SHARED = and_(
    _IN_ORGANIZATION, ChatSession.id == bindparam("shared_session_id", type_=Uuid), ChatSession.deleted_at.is_(None)
)
_READABLE: Final[Mapping[type[Actor], ColumnElement[bool]]] = {
    Person: _OWNED,
    Key: _OWNED,
    ShareLink: _SHARED,
    System: _IN_ORGANIZATION,
}
_WRITABLE: Final[Mapping[type[Actor], ColumnElement[bool]]] = {**_READABLE, ShareLink: false()}


def readable(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `chat_sessions` may be read. An owner reads a deleted one too: it can be restored."""
    return _READABLE[type(scope.actor)]


def writable(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `chat_sessions`, and what is in it, may be changed."""
    return _WRITABLE[type(scope.actor)]


def on_readable_path(scope: Scope, message_id: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Whether a message of a readable session may be read: a share link shows the path to one leaf."""
    return message_id.in_(_SHARED_PATH) if isinstance(scope.actor, ShareLink) else true()


def values_of(scope: Scope) -> dict[str, Any]:
    """The values of the parameters of these conditions."""
    actor = scope.actor
    if isinstance(actor, ShareLink):
        shared = {"shared_session_id": actor.session_id, "shared_leaf_id": actor.leaf_id}
        return {"scope_org_id": scope.org_id, **shared}
    return {"scope_org_id": scope.org_id, "scope_user_id": scope.user_id}


def shown_files(scope: Scope) -> tuple[ColumnElement[bool], Mapping[str, Any]]:
    """Whether a row of `files` is shown by a message that may be read, and the values for that."""
    message = and_(Message.org_id == MessageFile.org_id, Message.id == MessageFile.message_id)
    chat_session = and_(ChatSession.org_id == Message.org_id, ChatSession.id == Message.session_id)
    shown = (
        select(MessageFile.file_id)
        .join(Message, message)
        .join(ChatSession, chat_session)
        .where(MessageFile.org_id == StoredFile.org_id, MessageFile.file_id == StoredFile.id)
        .where(readable(scope), on_readable_path(scope, Message.id))
    )
    return shown.exists(), values_of(scope)


class PerActor(Generic[Statement]):
    """A statement that is put together once for each kind of actor, for that costs more than running it."""

    def __init__(self, build: Callable[[Scope], Statement]) -> None:
        self._build = build
        self._built: dict[type[Actor], Statement] = {}

    def __call__(self, scope: Scope) -> Statement:
        """The statement for a scope; it is run with `values_of` that scope."""
        kind = type(scope.actor)
        if kind not in self._built:
            self._built[kind] = self._build(scope)
        return self._built[kind]


def _shared_path() -> Select[UUID]:
    """The ids from the shared leaf up to the root. Each step is one index look-up, as in `repository/paths.py`."""
    step = literal(0, Integer).label("step")
    path = (
        select(Message.id, Message.parent_id, step)
        .where(
            Message.org_id == _ORG,
            Message.session_id == bindparam("shared_session_id", type_=Uuid),
            Message.id == bindparam("shared_leaf_id", type_=Uuid),
        )
        .cte("shared_path", recursive=True)
    )
    parent = aliased(Message)
    above = (
        select(parent.id, parent.parent_id)
        .where(parent.org_id == _ORG, parent.id == path.c.parent_id)
        .limit(1)
        .lateral("shared_above")
    )
    path = path.union_all(
        select(*above.c, path.c.step + 1).join_from(path, above, true()).where(path.c.step < _DEEPEST)
    )
    return select(path.c.id)


_SHARED_PATH = _shared_path()  # one, for a statement may name it twice
