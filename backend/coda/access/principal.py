"""Who acts, in which organization, with which rights."""

from dataclasses import dataclass
from uuid import UUID

from coda.access.permissions import LOGIN_ONLY, OPERATOR_PERMISSIONS, ROLE_PERMISSIONS, Permission
from coda.access.roles import Role
from coda.core.scope import Key, Person, Scope


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
        key_id = self.api_key_id
        return Scope(self.org_id, Person(self.user_id) if key_id is None else Key(self.user_id, key_id))

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that the caller may do."""
        granted = ROLE_PERMISSIONS[self.role]
        if self.is_operator:
            granted |= OPERATOR_PERMISSIONS
        return granted if self.api_key_id is None else granted - LOGIN_ONLY
