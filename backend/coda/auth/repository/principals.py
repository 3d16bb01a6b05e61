"""Queries that turn a token into a caller."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.key_scopes import KeyScope
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.clock import now
from coda.core.db.database import bind_organization, bind_scope
from coda.core.scope import Person, Scope
from coda.identity.models import ApiKey, Login, User
from coda.organizations.models import Membership
from coda.organizations.types import MembershipStatus

_USE_NOTED_EVERY: Final = timedelta(minutes=1)

# Built once, for it goes before every request: putting a statement together costs more than running it.
_BY_LOGIN: Final = (
    select(Membership.role, User.is_operator)
    .join(User, User.id == Membership.user_id)
    .join(Login, Login.user_id == User.id)
    .where(
        Membership.org_id == bindparam("org_id", type_=Uuid),
        Membership.user_id == bindparam("user_id", type_=Uuid),
        Membership.status == MembershipStatus.ACTIVE,
        User.suspended_at.is_(None),
        Login.id == bindparam("login_id", type_=Uuid),
        Login.ended_at.is_(None),
    )
)
_KEY_OF_HASH: Final = text("select org_id, key_id from find_api_key(:hash)")


class PrincipalRepository:
    """Reads rights as they are now and binds the transaction to the caller's organization."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find_by_login(self, *, user_id: UUID, org_id: UUID, login_id: UUID) -> Principal | None:
        """The caller of a live login; None when login, person or membership no longer lets them in."""
        await bind_scope(self._db, Scope(org_id, Person(user_id)))
        given = {"user_id": user_id, "org_id": org_id, "login_id": login_id}
        row = (await self._db.execute(_BY_LOGIN, given)).one_or_none()
        if row is None:
            return None
        return Principal(user_id, org_id, Role(row.role), row.is_operator, login_id=login_id)

    async def find_by_key_hash(self, token_hash: bytes) -> Principal | None:
        """The caller of a live API key; notes the use, at most once a minute."""
        found = (await self._db.execute(_KEY_OF_HASH, {"hash": token_hash})).one_or_none()
        if found is None:
            return None
        return await self.find_by_key(org_id=found.org_id, key_id=found.key_id)

    async def find_by_key(self, *, org_id: UUID, key_id: UUID) -> Principal | None:
        """The caller of a live API key; None when key, person or membership no longer lets them in."""
        await bind_organization(self._db, org_id)
        idle = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < now() - _USE_NOTED_EVERY)
        query = (
            select(ApiKey.user_id, ApiKey.scopes, Membership.role, User.is_operator, idle.label("idle"))
            .join(Membership, (Membership.org_id == ApiKey.org_id) & (Membership.user_id == ApiKey.user_id))
            .join(User, User.id == ApiKey.user_id)
            .where(
                ApiKey.org_id == org_id,
                ApiKey.id == key_id,
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()),
                Membership.status == MembershipStatus.ACTIVE,
                User.suspended_at.is_(None),
            )
        )
        row = (await self._db.execute(query)).one_or_none()
        if row is None:
            return None
        if row.idle:
            await self._note_use(org_id, key_id)
        scopes = frozenset(KeyScope(scope) for scope in row.scopes)
        role = Role(row.role)
        principal = Principal(row.user_id, org_id, role, row.is_operator, api_key_id=key_id, key_scopes=scopes)
        await bind_scope(self._db, principal.scope)
        return principal

    async def _note_use(self, org_id: UUID, key_id: UUID) -> None:
        # Requests that come at once must not wait for each other: one of them notes it.
        free = select(ApiKey.id).where(ApiKey.org_id == org_id, ApiKey.id == key_id).with_for_update(skip_locked=True)
        note = update(ApiKey).where(ApiKey.org_id == org_id, ApiKey.id.in_(free.scalar_subquery()))
        await self._db.execute(note.values(last_used_at=func.now()))
