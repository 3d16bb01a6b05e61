"""Recursive queries over the message tree. Each has a cap, and costs what it returns, not what the session holds.

Every step is a lateral subquery with a limit: it can only be one index look-up. As a plain join, the planner reads the
whole session instead whenever it takes sessions for small ones, which fresh statistics make it do.

The statements are built once: putting one together costs more than running it. Parameters are given by name.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Select,
    Uuid,
    bindparam,
    column,
    func,
    literal,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased
from sqlalchemy.sql.selectable import LateralFromClause

from coda.conversations.models import Message
from coda.conversations.visibility import PerActor, on_readable_path
from coda.core.scope import Scope

DEEPEST = 100_000

_ORG: BindParameter[UUID] = bindparam("org_id", type_=Uuid)
_SESSION: BindParameter[UUID] = bindparam("session_id", type_=Uuid)
_START: BindParameter[UUID] = bindparam("start_id", type_=Uuid)
_LIMIT: BindParameter[int] = bindparam("limit", type_=Integer)


def _path_up(scope: Scope) -> CTE:
    # What stands above a message of a readable path is on it too.
    path = (
        select(Message.__table__, _step(0))
        .where(Message.org_id == _ORG, Message.session_id == _SESSION, Message.id == _START)
        .where(on_readable_path(scope, Message.id))
        .cte("path", recursive=True)
    )
    above = _parent(path)
    return path.union_all(
        select(*above.c, path.c.step + 1).join_from(path, above, true()).where(path.c.step < _LIMIT - 1)
    )


def _bounded_path() -> CTE:
    max_chars: BindParameter[int] = bindparam("max_chars", type_=BigInteger)
    path = (
        select(Message.__table__, _step(0), Message.chars_above.label("top"))
        .where(Message.org_id == _ORG, Message.id == _START)
        .cte("path", recursive=True)
    )
    above = _parent(path)
    return path.union_all(
        select(*above.c, path.c.step + 1, path.c.top)
        .join_from(path, above, true())
        .where(path.c.step < _LIMIT - 1, path.c.top - above.c.chars_above <= max_chars)
    )


def _newest_leaf() -> Select[UUID]:
    walk = (
        select(Message.id, _step(0))
        .where(Message.org_id == _ORG, Message.session_id == _SESSION, Message.id == _START)
        .cte("walk", recursive=True)
    )
    child = aliased(Message)
    newest = (
        select(child.id)
        .where(child.org_id == _ORG, child.session_id == _SESSION, child.parent_id == walk.c.id)
        .order_by(child.created_at.desc(), child.id.desc())
        .limit(1)
        .lateral("newest")
    )
    walk = walk.union_all(
        select(newest.c.id, walk.c.step + 1).join_from(walk, newest, true()).where(walk.c.step < DEEPEST)
    )
    return select(walk.c.id).order_by(walk.c.step.desc()).limit(1)


def _children(scope: Scope) -> CompoundSelect[UUID, UUID | None, datetime]:
    parents = bindparam("parents", type_=ARRAY(Uuid))
    parent = func.unnest(parents).table_valued(column("id", Uuid)).render_derived("parent")
    child = aliased(Message)
    below = (
        select(child.id, child.parent_id, child.created_at)
        .where(child.org_id == _ORG, child.session_id == _SESSION, child.parent_id == parent.c.id)
        .where(on_readable_path(scope, child.id))
        .limit(DEEPEST)
        .lateral("below")
    )
    roots = select(Message.id, Message.parent_id, Message.created_at).where(
        Message.org_id == _ORG,
        Message.session_id == _SESSION,
        Message.parent_id.is_(None),
        bindparam("with_roots", type_=Boolean),
        on_readable_path(scope, Message.id),
    )
    return union_all(select(*below.c).join_from(parent, below, true()), roots)


def _messages_of(path: CTE) -> Select[Message]:
    return select(aliased(Message, path)).order_by(path.c.step)


def _step(number: int) -> ColumnElement[int]:
    return literal(number, Integer).label("step")


def _parent(path: FromClause) -> LateralFromClause:
    above = aliased(Message.__table__, name="above")
    return select(above).where(above.c.org_id == _ORG, above.c.id == path.c.parent_id).limit(1).lateral("parent")


PATH_UP = PerActor(lambda scope: _messages_of(_path_up(scope)))
"""The messages from `start_id` in `session_id` upwards, at most `limit` of them."""

BOUNDED_PATH = _messages_of(_bounded_path())
"""The same in any session, going up only while the messages above the start hold at most `max_chars` characters."""

NEWEST_LEAF = _newest_leaf()
"""The leaf below `start_id`, going to the newest child each time."""

CHILDREN = PerActor(_children)
"""(id, parent_id, created_at) of the children of each of `parents`, and of the session's roots if `with_roots`."""
