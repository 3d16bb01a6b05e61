"""What is told about organizations to people who are not in them."""

from collections.abc import Collection
from uuid import UUID

from coda.organizations.repository import OrganizationRepository


class OrganizationService:
    """The index of organizations."""

    def __init__(self, organizations: OrganizationRepository) -> None:
        self._organizations = organizations

    async def find_name(self, org_id: UUID) -> str | None:
        """An organization's name; None where there is no such organization."""
        return await self._organizations.find_name(org_id)

    async def list_unknown(self, org_ids: Collection[UUID]) -> set[UUID]:
        """Which of these ids are not an organization's."""
        return set(org_ids) - await self._organizations.list_existing(org_ids)
