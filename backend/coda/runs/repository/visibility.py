"""Which runs a scope may read and command: those of the chat sessions that it may read and change."""

from sqlalchemy import ColumnElement, exists

from coda.conversations.models import ChatSession
from coda.conversations.visibility import on_readable_path, readable, writable
from coda.core.scope import Scope
from coda.runs.models import Run


def readable_run(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `runs` may be read; run with `values_of(scope)`."""
    return _in_session(readable(scope), on_readable_path(scope, Run.message_id))


def writable_run(scope: Scope) -> ColumnElement[bool]:
    """Whether a row of `runs` may be commanded; run with `values_of(scope)`."""
    return _in_session(writable(scope))


def _in_session(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(ChatSession.org_id == Run.org_id, ChatSession.id == Run.session_id, *conditions)
