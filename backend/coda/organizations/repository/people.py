"""Queries on the members of one organization."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Update, func, literal, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.roles import Role
from coda.core.scope import Scope
from coda.identity.models import User
from coda.organizations.models import Membership
from coda.organizations.name_cursor import NameCursor
from coda.organizations.types import Member, MembershipStatus


class PeopleRepository:
    """Members of the scope's organization."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def list_people(self, *, cursor: NameCursor | None, limit: int) -> Sequence[Member]:
        """Members by name; one more than `limit`."""
        key = (func.lower(User.name), User.id)
        query = self._people()
        if cursor is not None:
            query = query.where(tuple_(*key) > tuple_(func.lower(cursor.name), literal(cursor.id)))
        rows = await self._db.execute(query.order_by(*key).limit(limit + 1))
        return [_person(row) for row in rows]

    async def find(self, user_id: UUID) -> Member | None:
        """One member."""
        row = (await self._db.execute(self._people().where(User.id == user_id))).one_or_none()
        return None if row is None else _person(row)

    async def lock_admins(self) -> set[UUID]:
        """The active administrators; nobody else changes them until this transaction ends."""
        query = (
            select(Membership.user_id)
            .where(
                Membership.org_id == self._scope.org_id,
                Membership.role == Role.ADMIN,
                Membership.status == MembershipStatus.ACTIVE,
            )
            .order_by(Membership.user_id)
            .with_for_update()
        )
        return set(await self._db.scalars(query))

    async def set_role(self, user_id: UUID, role: Role) -> None:
        """Give a member another role."""
        await self._db.execute(self._change(user_id).values(role=role))

    async def set_status(self, user_id: UUID, status: MembershipStatus) -> None:
        """Suspend a member or let them back in."""
        await self._db.execute(self._change(user_id).values(status=status))

    def _people(self) -> Select[Any]:
        return (
            select(User.id, User.email, User.name, User.is_operator)
            .add_columns(Membership.role, Membership.status, Membership.joined_at)
            .join(Membership, Membership.user_id == User.id)
            .where(Membership.org_id == self._scope.org_id)
        )

    def _change(self, user_id: UUID) -> Update:
        return update(Membership).where(Membership.org_id == self._scope.org_id, Membership.user_id == user_id)


def _person(row: Row[Any]) -> Member:
    return Member(
        row.id, row.email, row.name, Role(row.role), MembershipStatus(row.status), row.joined_at, row.is_operator
    )
