"""Refuses callers what they may not do."""

from coda.access.errors import AdminsOnly, NeedsLogin, OperatorsOnly, ReadOnly
from coda.access.permissions import LOGIN_ONLY, ROLE_PERMISSIONS, Permission
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.errors import CodaError


def check(principal: Principal, permission: Permission) -> None:
    """Raises ReadOnly, AdminsOnly, OperatorsOnly or NeedsLogin where the caller lacks the permission."""
    if permission not in principal.permissions:
        raise _refusal(permission)


def _refusal(permission: Permission) -> CodaError:
    """The error that names who may."""
    if permission in LOGIN_ONLY:
        return NeedsLogin()
    if permission in ROLE_PERMISSIONS[Role.MEMBER]:
        return ReadOnly()
    if permission in ROLE_PERMISSIONS[Role.ADMIN]:
        return AdminsOnly()
    return OperatorsOnly()
