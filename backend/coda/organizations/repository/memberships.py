"""Queries on one person's memberships, in whatever organizations."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.roles import Role
from coda.core.db.database import bind_scope
from coda.core.scope import Person, Scope
from coda.organizations.models import Membership, Organization
from coda.organizations.types import MembershipStatus, OrganizationKind, OrganizationMembership


class MembershipRepository:
    """Where a person belongs."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def insert(self, *, org_id: UUID, user_id: UUID, role: Role) -> None:
        """Let a person in; from here on the transaction works in that organization."""
        await bind_scope(self._db, Scope(org_id, Person(user_id)))
        self._db.add(Membership(org_id=org_id, user_id=user_id, role=role))
        await self._db.flush()

    async def list_of(self, user_id: UUID) -> Sequence[OrganizationMembership]:
        """The organizations that the transaction's person may work in: shared ones first, then by name."""
        query = (
            select(Organization.id, Organization.name, Organization.kind, Membership.role)
            .join(Membership, Membership.org_id == Organization.id)
            .where(Membership.user_id == user_id, Membership.status == MembershipStatus.ACTIVE)
            .order_by(Organization.kind.desc(), Organization.name, Organization.id)
        )
        rows = await self._db.execute(query)
        return [OrganizationMembership(row.id, row.name, OrganizationKind(row.kind), Role(row.role)) for row in rows]
