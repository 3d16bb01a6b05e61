"""Words of organizations: their kinds, their members."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from coda.access.permissions import Permission
from coda.access.roles import Role


class OrganizationKind(StrEnum):
    """The one that a first start makes for everybody, or a person's own; nobody meets the instance's."""

    SHARED = "shared"
    PERSONAL = "personal"


class MembershipStatus(StrEnum):
    """Whether a member may come in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class OrganizationMembership:
    """An organization as one of its members sees it, with their role."""

    id: UUID
    name: str
    kind: OrganizationKind
    role: Role


@dataclass(frozen=True, slots=True)
class SettingsValues:
    """What an organization's administrators decided."""

    default_model: str | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A member as the organization's administrators see them."""

    user_id: UUID
    email: str
    name: str
    role: Role
    status: MembershipStatus
    joined_at: datetime
    is_operator: bool

    def also_needs(self, permission: Permission) -> Permission | None:
        """Who runs the instance is suspended and demoted by those who run it too."""
        return Permission.INSTANCE_OPERATE if self.is_operator and permission is Permission.PEOPLE_MANAGE else None
