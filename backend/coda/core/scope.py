"""The scope of a unit of work: whose data it may touch."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

INSTANCE_ORG: Final = UUID("00000000-0000-8000-8000-000000000001")
"""The organization that the rows of the whole instance belong to. Nobody is its member; see `access.instance`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One organization, seen by one of its members; None where no person acts (clean-up, workers)."""

    org_id: UUID
    user_id: UUID | None = None
