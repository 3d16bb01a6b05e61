"""Queries on organizations and their settings."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import INSTANCE_ORG, Scope
from coda.organizations.models import Organization, OrganizationSettings
from coda.organizations.types import OrganizationKind, SettingsValues

_NAME: Final = text("select organization_name(:id)")
_EXISTING: Final = text("select existing_organizations(:ids)")


class OrganizationRepository:
    """The index of organizations: names and kinds only. The instance's own is in none of the answers."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, org_id: UUID) -> Organization | None:
        """The organization with this id, where the transaction works in it or for a member of it."""
        return None if org_id == INSTANCE_ORG else await self._db.get(Organization, org_id)

    async def find_name(self, org_id: UUID) -> str | None:
        """The name of any organization."""
        name: str | None = await self._db.scalar(_NAME, {"id": org_id})
        return name

    async def list_existing(self, org_ids: Collection[UUID]) -> set[UUID]:
        """Which of these organizations there are."""
        return set(await self._db.scalars(_EXISTING, {"ids": list(org_ids)}))

    async def insert(self, *, org_id: UUID, name: str, kind: OrganizationKind) -> None:
        """A new organization, still without members."""
        await self._db.execute(insert(Organization).values(id=org_id, name=name, kind=kind))


class SettingsRepository:
    """The settings of one organization."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def read(self) -> SettingsValues:
        """The settings, or what stands where none were ever made."""
        query = select(OrganizationSettings.default_model).where(OrganizationSettings.org_id == self._scope.org_id)
        return SettingsValues(await self._db.scalar(query))

    async def set_default_model(self, model: str | None) -> None:
        """Choose the model of new chats; None leaves it to the instance."""
        query = insert(OrganizationSettings).values(org_id=self._scope.org_id, default_model=model)
        await self._db.execute(query.on_conflict_do_update(index_elements=["org_id"], set_={"default_model": model}))
