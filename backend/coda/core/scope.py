"""The scope of a unit of work: whose data it may touch."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """One organization, seen by one of its members; None where no person acts (clean-up, workers)."""

    org_id: UUID
    user_id: UUID | None = None
