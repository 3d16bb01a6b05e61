"""Who acts, in which organization, with which rights."""

from dataclasses import dataclass
from uuid import UUID

from coda.access.key_scopes import KeyScope
from coda.access.permissions import (
    KEY_SCOPE_PERMISSIONS,
    LOGIN_ONLY,
    OPERATOR_PERMISSIONS,
    ROLE_PERMISSIONS,
    Permission,
)
from coda.access.roles import Role
from coda.core.scope import Key, Person, Scope


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller. Exactly one of `login_id` and `api_key_id` is set; `key_scopes` are those of the key."""

    user_id: UUID
    org_id: UUID
    role: Role
    is_operator: bool
    login_id: UUID | None = None
    api_key_id: UUID | None = None
    key_scopes: frozenset[KeyScope] = frozenset()

    @property
    def scope(self) -> Scope:
        """Whose rows this caller's transactions may touch."""
        if self.api_key_id is None:
            return Scope(self.org_id, Person(self.user_id))
        return Scope(self.org_id, Key(self.user_id, self.api_key_id, self.key_scopes))

    @property
    def owner_permissions(self) -> frozenset[Permission]:
        """What the person may do when signed in, by role and as an operator."""
        granted = ROLE_PERMISSIONS[self.role]
        return granted | OPERATOR_PERMISSIONS if self.is_operator else granted

    def may(self, permission: Permission) -> bool:
        """Whether the caller has a permission, where lacking it means something else than being refused."""
        return permission in self.permissions

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything that the caller may do."""
        if self.api_key_id is None:
            return self.owner_permissions
        kept = frozenset[Permission]().union(*(KEY_SCOPE_PERMISSIONS[scope] for scope in self.key_scopes))
        return (self.owner_permissions & kept) - LOGIN_ONLY
