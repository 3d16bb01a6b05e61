"""Changes within the tree: what stands below a message whose content has grown, or that is taken out."""

from typing import Final
from uuid import UUID

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import Message
from coda.conversations.repository.paths import DEEPEST
from coda.core.scope import Scope

# The children of each message are fetched by a limited lateral look-up, as the paths are.
_CHILDREN_OF: Final = f"""
    cross join lateral (
        select c.id, c.chars_above from messages c
         where c.org_id = :org_id and c.session_id = :session_id and c.parent_id = above.id limit {DEEPEST}
    ) child
"""  # noqa: S608 - made of constants
_RECOUNT = text(f"""
    with recursive above as (
        select m.id, null::bigint as grown, m.chars_above + :size as reach
          from messages m where m.org_id = :org_id and m.id = :message_id
      union all
        select child.id, coalesce(above.grown, above.reach - child.chars_above), null from above {_CHILDREN_OF}
    )
    update messages m set chars_above = m.chars_above + above.grown
      from above where m.org_id = :org_id and m.id = above.id and above.grown <> 0
""")  # noqa: S608 - made of constants
_MOVE_UP = text(f"""
    with recursive above as (
        select m.id, null::bigint as grown, q.chars_above as reach, false as is_first
          from messages m join messages q on q.org_id = m.org_id and q.id = m.parent_id
         where m.org_id = :org_id and m.id = :answer_id
      union all
        select child.id, coalesce(above.grown, above.reach - child.chars_above), null, above.grown is null
          from above {_CHILDREN_OF}
    )
    update messages m
       set chars_above = m.chars_above + above.grown, depth = m.depth - 2,
           parent_id = case when above.is_first then cast(:parent_id as uuid) else m.parent_id end
      from above where m.org_id = :org_id and m.id = above.id and above.grown is not null
 returning case when above.is_first then m.id end as moved
""")  # noqa: S608 - made of constants


class BranchRepository:
    """Branches of one organization's sessions."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def recount(self, session_id: UUID, message_id: UUID, *, size: int) -> None:
        """A message that others stand under now holds `size` characters: tell those below."""
        given = {"org_id": self._scope.org_id, "session_id": session_id, "message_id": message_id, "size": size}
        await self._db.execute(_RECOUNT, given)

    async def move_up(self, session_id: UUID, answer_id: UUID, *, parent_id: UUID | None) -> list[UUID]:
        """Put what stands under an answer where its question stands. Gives the messages right below it."""
        given = {
            "org_id": self._scope.org_id,
            "session_id": session_id,
            "answer_id": answer_id,
            "parent_id": parent_id,
        }
        moved = (await self._db.execute(_MOVE_UP, given)).scalars()
        return [message_id for message_id in moved if message_id is not None]

    async def delete(self, message_id: UUID) -> None:
        """Remove a message, and what the database hangs on it."""
        await self._db.execute(delete(Message).where(Message.org_id == self._scope.org_id, Message.id == message_id))
