"""What of all organizations nobody has any more, as the system role sees it: ids and times."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_EXPIRED: Final = text("select org_id, id from file_uploads where expires_at < now() limit :limit")
_UNUSED: Final = text("""
    select c.org_id, c.id from file_contents c
     where not exists (select from files f where f.org_id = c.org_id and f.content_id = c.id) limit :limit
""")
_KNOWN: Final = text("""
    select c.id from file_contents c join unnest(cast(:orgs as uuid[]), cast(:ids as uuid[])) as asked(org_id, id)
        on c.org_id = asked.org_id and c.id = asked.id
 union all
    select u.id from file_uploads u join unnest(cast(:orgs as uuid[]), cast(:ids as uuid[])) as asked(org_id, id)
        on u.org_id = asked.org_id and u.id = asked.id
""")

Owner = tuple[UUID, UUID]
"""An organization, and the id of a content or upload of it."""


class UnusedRepository:
    """Finds what may go."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_expired_uploads(self, *, limit: int) -> Sequence[Owner]:
        """Uploads that have waited too long."""
        return [(row.org_id, row.id) for row in await self._connection.execute(_EXPIRED, {"limit": limit})]

    async def list_unused_contents(self, *, limit: int) -> Sequence[Owner]:
        """Contents that no file has."""
        return [(row.org_id, row.id) for row in await self._connection.execute(_UNUSED, {"limit": limit})]

    async def known(self, owners: Collection[Owner]) -> set[UUID]:
        """Of these the ids that there are rows of."""
        given = {"orgs": [owner[0] for owner in owners], "ids": [owner[1] for owner in owners]}
        return set(await self._connection.scalars(_KNOWN, given))
