"""The rights of many callers at once, for those who are connected."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from coda.access.key_scopes import KeyScope
from coda.access.principal import Principal
from coda.access.roles import Role

_CURRENT: Final = text("""
    select caller.place, m.role, u.is_operator, k.scopes
      from unnest(cast(:org_ids as uuid[]), cast(:user_ids as uuid[]), cast(:login_ids as uuid[]),
                  cast(:key_ids as uuid[]))
           with ordinality as caller(org_id, user_id, login_id, key_id, place)
      join users u on u.id = caller.user_id and u.suspended_at is null
      join memberships m on m.org_id = caller.org_id and m.user_id = caller.user_id and m.status = 'active'
      left join logins l on l.id = caller.login_id and l.ended_at is null
      left join api_keys k on k.org_id = caller.org_id and k.id = caller.key_id and k.revoked_at is null
                          and (k.expires_at is null or k.expires_at > now())
     where l.id is not null or k.id is not null
""")


async def list_current(connection: AsyncConnection, principals: Sequence[Principal]) -> Mapping[Principal, Principal]:
    """Each caller with the rights of now; one whose login, key, account or membership is over is missing.

    They are of any organizations, so it is asked as `coda_system`.
    """
    given = {
        "org_ids": [principal.org_id for principal in principals],
        "user_ids": [principal.user_id for principal in principals],
        "login_ids": [principal.login_id for principal in principals],
        "key_ids": [principal.api_key_id for principal in principals],
    }
    current: dict[Principal, Principal] = {}
    for row in await connection.execute(_CURRENT, given):
        principal = principals[row.place - 1]
        scopes = frozenset(KeyScope(scope) for scope in row.scopes or ())
        current[principal] = replace(principal, role=Role(row.role), is_operator=row.is_operator, key_scopes=scopes)
    return current
