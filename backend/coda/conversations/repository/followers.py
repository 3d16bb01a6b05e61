"""Which of many people may still read the chat sessions that they follow: one query for all of them."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Uuid, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from coda.conversations.models import ChatSession
from coda.conversations.types import FollowedSession
from coda.conversations.visibility import owned_by

_GIVEN: Final = ("org_id", "user_id", "session_id")
_followed = (
    func.unnest(*(bindparam(name, type_=ARRAY(Uuid)) for name in _GIVEN))
    .table_valued(*(column(name, Uuid) for name in _GIVEN), with_ordinality="place")
    .render_derived("followed")
)
_READABLE: Final = select(_followed.c.place).join(
    ChatSession, (ChatSession.id == _followed.c.session_id) & owned_by(_followed.c.org_id, _followed.c.user_id)
)


async def list_readable(connection: AsyncConnection, followed: Sequence[FollowedSession]) -> set[FollowedSession]:
    """Those that may still be read; of any organizations, so it is asked as `coda_system`."""
    if not followed:
        return set()
    given = {name: [getattr(one, name) for one in followed] for name in _GIVEN}
    return {followed[place - 1] for place in await connection.scalars(_READABLE, given)}
