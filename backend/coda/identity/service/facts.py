"""What is true once for the whole instance."""

from typing import Final
from uuid import UUID

from coda.identity.repository import FactRepository

_FIRST_ADMIN: Final = "first_admin"
_SHARED_ORGANIZATION: Final = "shared_organization"


class InstanceFacts:
    """Who was the first administrator, and which organization is everybody's. The keys are the locks."""

    def __init__(self, facts: FactRepository) -> None:
        self._facts = facts

    async def has_admin(self) -> bool:
        """Whether the first administrator was made."""
        return await self._facts.find(_FIRST_ADMIN) is not None

    async def claim_first_admin(self, user_id: UUID) -> bool:
        """True for exactly one caller in the life of an instance."""
        return await self._facts.claim(_FIRST_ADMIN, str(user_id))

    async def find_shared_organization(self) -> UUID | None:
        """The organization that everybody joins."""
        value = await self._facts.find(_SHARED_ORGANIZATION)
        return None if value is None else UUID(value)

    async def claim_shared_organization(self, org_id: UUID) -> bool:
        """True for exactly one caller in the life of an instance."""
        return await self._facts.claim(_SHARED_ORGANIZATION, str(org_id))
