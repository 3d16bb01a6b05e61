"""Refuses callers what they may not do."""

from coda.access.errors import AdminsOnly, MissingKeyScope, NeedsLogin, OperatorsOnly, ReadOnly
from coda.access.key_scopes import KeyScope
from coda.access.permissions import (
    KEY_SCOPE_PERMISSIONS,
    LOGIN_ONLY,
    OPERATOR_PERMISSIONS,
    ROLE_PERMISSIONS,
    Permission,
)
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.errors import CodaError


def check(principal: Principal, permission: Permission) -> None:
    """Raises ReadOnly, AdminsOnly, OperatorsOnly, NeedsLogin or MissingKeyScope where the permission is lacking."""
    if permission in principal.permissions:
        return
    raise _refused_to_key(permission) if permission in principal.owner_permissions else _refused_to_role(permission)


def _refused_to_role(permission: Permission) -> CodaError:
    """The error that names who may."""
    if permission in OPERATOR_PERMISSIONS:
        return OperatorsOnly()
    if permission in ROLE_PERMISSIONS[Role.MEMBER]:
        return ReadOnly()
    return AdminsOnly()


def _refused_to_key(permission: Permission) -> CodaError:
    """The error that names what the key would need, where its owner may."""
    if permission in LOGIN_ONLY:
        return NeedsLogin()
    return MissingKeyScope(next(scope for scope in KeyScope if permission in KEY_SCOPE_PERMISSIONS[scope]))
