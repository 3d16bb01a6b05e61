"""Where words that somebody looks for stand in chats."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, column, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import Message
from coda.conversations.types import SessionHit
from coda.core.names import one_line
from coda.core.scope import Scope

_BEFORE: Final = 80
_LONGEST: Final = 240


async def find_hits(
    db: AsyncSession, scope: Scope, session_ids: Collection[UUID], words: Sequence[str]
) -> Mapping[UUID, SessionHit]:
    """Of each session the place that mentions most of the words, the newest of those; none where only a title does.

    Trusts that the scope may read these sessions.
    """
    part = func.jsonb_array_elements(Message.content).table_valued(column("value", JSONB), joins_implicitly=True)
    text = part.c.value["text"].astext
    places = [func.nullif(func.strpos(func.lower(text), func.lower(word)), 0) for word in words]
    begin = func.greatest(func.coalesce(func.least(*places), 1) - _BEFORE, 1)
    query = (
        select(
            Message.session_id,
            Message.id,
            Message.role,
            func.substr(text, begin, _LONGEST).label("said"),
            (begin > 1).label("is_late"),
            (func.length(text) >= begin + _LONGEST).label("goes_on"),
        )
        .ext(distinct_on(Message.session_id))
        .where(Message.org_id == scope.org_id, Message.session_id.in_(session_ids))
        .where(part.c.value["type"].astext == "text")
        .where(or_(*(text.icontains(word, autoescape=True) for word in words)))
        .order_by(Message.session_id, func.num_nonnulls(*places).desc(), Message.created_at.desc())
    )
    rows = await db.execute(query)
    return {row.session_id: SessionHit(row.id, row.role, _in_one_line(row)) for row in rows}


def _in_one_line(row: Row[Any]) -> str:
    return f"{'…' if row.is_late else ''}{one_line(row.said)}{'…' if row.goes_on else ''}"
