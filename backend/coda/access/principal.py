"""Who acts, in which organization, with which rights."""

from dataclasses import dataclass
from uuid import UUID

from coda.access.roles import Role
from coda.core.scope import Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. Exactly one of `login_id` and `api_key_id` is set."""

    user_id: UUID
    org_id: UUID
    role: Role
    is_operator: bool
    login_id: UUID | None = None
    api_key_id: UUID | None = None

    @property
    def scope(self) -> Scope:
        """Whose rows this caller's transactions may touch."""
        return Scope(self.org_id, self.user_id)

    @property
    def may_write(self) -> bool:
        """Viewers only read."""
        return self.role is not Role.VIEWER

    @property
    def is_admin(self) -> bool:
        """Whether the caller administers the organization."""
        return self.role is Role.ADMIN
