"""Which role is allowed what. Written out on its own: the table of the code must not be able to change unnoticed."""

from typing import Final
from uuid import uuid4

import pytest

from coda.access.checks import check
from coda.access.errors import AdminsOnly, NeedsLogin, OperatorsOnly, ReadOnly
from coda.access.permissions import DESCRIPTIONS, Permission
from coda.access.principal import Principal
from coda.access.roles import Role
from coda.core.errors import CodaError

VIEWER: Final = {
    "account:read",
    "account:write",
    "credentials:write",
    "sessions:read",
    "models:read",
    "organization:read",
}
MEMBER: Final = VIEWER | {"sessions:write", "runs:write"}
ADMIN: Final = MEMBER | {"organization:write", "people:manage", "connections:read", "connections:manage"}


def somebody(role: Role, *, is_operator: bool = False, with_key: bool = False) -> Principal:
    login_id, api_key_id = (None, uuid4()) if with_key else (uuid4(), None)
    return Principal(uuid4(), uuid4(), role, is_operator, login_id=login_id, api_key_id=api_key_id)


class TestPermissions:
    @pytest.mark.parametrize(("role", "granted"), [("viewer", VIEWER), ("member", MEMBER), ("admin", ADMIN)])
    def test_of_roles(self, role: str, granted: set[str]) -> None:
        assert somebody(Role(role)).permissions == granted
        operator = somebody(Role(role), is_operator=True)
        assert operator.permissions == granted | {"instance:operate", "connections:read"}
        assert somebody(Role(role), with_key=True).permissions == granted - {"credentials:write"}

    def test_each_is_described(self) -> None:
        assert set(DESCRIPTIONS) == set(Permission)


class TestCheck:
    def test_lets_pass_who_may(self) -> None:
        for permission in Permission:
            check(somebody(Role.ADMIN, is_operator=True), permission)

    @pytest.mark.parametrize(
        ("permission", "error"),
        [
            (Permission.RUNS_WRITE, ReadOnly),
            (Permission.SESSIONS_WRITE, ReadOnly),
            (Permission.PEOPLE_MANAGE, AdminsOnly),
            (Permission.ORGANIZATION_WRITE, AdminsOnly),
            (Permission.CONNECTIONS_READ, AdminsOnly),
            (Permission.CONNECTIONS_MANAGE, AdminsOnly),
            (Permission.INSTANCE_OPERATE, OperatorsOnly),
            (Permission.CREDENTIALS_WRITE, NeedsLogin),
        ],
    )
    def test_the_error_says_who_may(self, permission: Permission, error: type[CodaError]) -> None:
        with pytest.raises(error):
            check(somebody(Role.VIEWER, with_key=True), permission)
