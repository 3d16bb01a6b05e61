"""Refuses callers what they may not do."""

from typing import Protocol

from coda.access.errors import AdminsOnly, MissingKeyScope, NeedsLogin, OperatorsOnly, ReadOnly
from coda.access.key_scopes import KeyScope
from coda.access.permissions import KEY_SCOPE_PERMISSIONS, LOGIN_ONLY, ROLE_PERMISSIONS, Permission
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.errors import CodaError


class Resource(Protocol):
    """An object that not everybody who has a permission may use it on."""

    def also_needs(self, permission: Permission) -> Permission | None:
        """The permission that this object asks for besides; None where it asks for nothing."""
        ...


def check(principal: Principal, permission: Permission, *, on: Resource | None = None) -> None:
    """Raises ReadOnly, AdminsOnly, OperatorsOnly, NeedsLogin or MissingKeyScope where the permission is lacking.

    `on`: it is used on this object, which may ask for another one besides.
    """
    if permission not in principal.permissions:
        is_owners = permission in principal.owner_permissions
        raise _refused_to_key(permission) if is_owners else _refused_to_role(permission)
    other = None if on is None else on.also_needs(permission)
    if other is not None:
        check(principal, other)


def _refused_to_role(permission: Permission) -> CodaError:
    """The error that names who may."""
    if permission in ROLE_PERMISSIONS[Role.MEMBER]:
        return ReadOnly()
    if permission in ROLE_PERMISSIONS[Role.ADMIN]:
        return AdminsOnly()
    return OperatorsOnly()


def _refused_to_key(permission: Permission) -> CodaError:
    """The error that names what the key would need, where its owner may."""
    if permission in LOGIN_ONLY:
        return NeedsLogin()
    return MissingKeyScope(next(scope for scope in KeyScope if permission in KEY_SCOPE_PERMISSIONS[scope]))
