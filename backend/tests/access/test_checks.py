"""Which role, and which scope of a key, is allowed what.

Written out on its own: the table of the code must not be able to change unnoticed.
"""

from typing import Final
from uuid import uuid4

import pytest

from coda.access.checks import check
from coda.access.errors import AdminsOnly, MissingKeyScope, NeedsLogin, OperatorsOnly, ReadOnly
from coda.access.key_scopes import KeyScope
from coda.access.permissions import DESCRIPTIONS, KEY_SCOPE_PERMISSIONS, Permission
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
ADMIN: Final = MEMBER | {
    "organization:write",
    "people:read",
    "people:manage",
    "connections:read",
    "connections:manage",
}
OPERATOR: Final = {"instance:read", "instance:operate", "connections:read", "networks:private"}
LOGIN_ONLY: Final = {"credentials:write", "people:manage"}
MANAGED: Final = {
    "account:read",
    "models:read",
    "organization:read",
    "people:read",
    "connections:read",
    "instance:read",
}
READ_KEY: Final = MANAGED | {"sessions:read"}
CHAT_KEY: Final = READ_KEY | {"sessions:write", "runs:write"}
ADMIN_KEY: Final = MANAGED | {
    "account:write",
    "organization:write",
    "connections:manage",
    "instance:operate",
    "networks:private",
}


def somebody(role: Role, *, is_operator: bool = False) -> Principal:
    return Principal(uuid4(), uuid4(), role, is_operator, login_id=uuid4())


def key(role: Role, *scopes: KeyScope, is_operator: bool = False) -> Principal:
    return Principal(uuid4(), uuid4(), role, is_operator, api_key_id=uuid4(), key_scopes=frozenset(scopes))


class TestPermissions:
    @pytest.mark.parametrize(("role", "granted"), [("viewer", VIEWER), ("member", MEMBER), ("admin", ADMIN)])
    def test_of_roles(self, role: str, granted: set[str]) -> None:
        assert somebody(Role(role)).permissions == granted
        assert somebody(Role(role), is_operator=True).permissions == granted | OPERATOR

    @pytest.mark.parametrize(("role", "granted"), [("viewer", VIEWER), ("member", MEMBER), ("admin", ADMIN)])
    @pytest.mark.parametrize(
        ("scopes", "kept"),
        [
            (["read"], READ_KEY),
            (["chat"], CHAT_KEY),
            (["admin"], ADMIN_KEY),
            (["read", "admin"], READ_KEY | ADMIN_KEY),
            (["read", "chat", "admin"], CHAT_KEY | ADMIN_KEY),
            ([], set()),
        ],
    )
    def test_of_keys_are_those_of_role_and_scopes(
        self, role: str, granted: set[str], scopes: list[str], kept: set[str]
    ) -> None:
        given = [KeyScope(scope) for scope in scopes]

        assert key(Role(role), *given).permissions == granted & kept
        assert key(Role(role), *given, is_operator=True).permissions == (granted | OPERATOR) & kept

    def test_each_is_in_a_scope_or_needs_a_login(self) -> None:
        in_scopes = frozenset[Permission]().union(*KEY_SCOPE_PERMISSIONS.values())

        assert in_scopes == set(Permission) - LOGIN_ONLY

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
        ],
    )
    def test_the_error_says_who_may(self, permission: Permission, error: type[CodaError]) -> None:
        for viewer in (somebody(Role.VIEWER), key(Role.VIEWER, *KeyScope)):
            with pytest.raises(error):
                check(viewer, permission)

    @pytest.mark.parametrize("permission", [Permission.CREDENTIALS_WRITE, Permission.PEOPLE_MANAGE])
    def test_what_a_key_never_may_needs_a_login(self, permission: Permission) -> None:
        with pytest.raises(NeedsLogin):
            check(key(Role.ADMIN, *KeyScope), permission)

    @pytest.mark.parametrize(
        ("given", "permission", "missing"),
        [
            (KeyScope.READ, Permission.RUNS_WRITE, "chat"),
            (KeyScope.READ, Permission.SESSIONS_WRITE, "chat"),
            (KeyScope.READ, Permission.CONNECTIONS_MANAGE, "admin"),
            (KeyScope.CHAT, Permission.ACCOUNT_WRITE, "admin"),
            (KeyScope.CHAT, Permission.INSTANCE_OPERATE, "admin"),
            (KeyScope.ADMIN, Permission.SESSIONS_READ, "read"),
            (KeyScope.ADMIN, Permission.RUNS_WRITE, "chat"),
        ],
    )
    def test_a_key_is_told_the_scope_that_it_lacks(self, given: KeyScope, permission: Permission, missing: str) -> None:
        with pytest.raises(MissingKeyScope) as refused:
            check(key(Role.ADMIN, given, is_operator=True), permission)
        assert refused.value.as_dict()["details"] == {"scope": missing}


class Guarded:
    """Something that only operators may have people managed on."""

    def also_needs(self, permission: Permission) -> Permission | None:
        return Permission.INSTANCE_OPERATE if permission is Permission.PEOPLE_MANAGE else None


class TestCheckOnAnObject:
    def test_asks_for_what_the_object_needs_besides(self) -> None:
        check(somebody(Role.ADMIN, is_operator=True), Permission.PEOPLE_MANAGE, on=Guarded())
        with pytest.raises(OperatorsOnly):
            check(somebody(Role.ADMIN), Permission.PEOPLE_MANAGE, on=Guarded())

    def test_the_permission_itself_is_needed_too(self) -> None:
        with pytest.raises(AdminsOnly):
            check(somebody(Role.MEMBER, is_operator=True), Permission.PEOPLE_MANAGE, on=Guarded())

    def test_the_object_has_no_say_in_other_permissions(self) -> None:
        check(somebody(Role.ADMIN), Permission.PEOPLE_READ, on=Guarded())
