"""What there is to be allowed, which role is allowed what, and what of it each scope of an API key keeps.

The one table for checks, tests and documentation.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from coda.access.key_scopes import KeyScope
from coda.access.roles import Role


class Permission(StrEnum):
    """A right that a route or a command needs."""

    ACCOUNT_READ = "account:read"
    ACCOUNT_WRITE = "account:write"
    CREDENTIALS_WRITE = "credentials:write"
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    RUNS_WRITE = "runs:write"
    MODELS_READ = "models:read"
    ORGANIZATION_READ = "organization:read"
    ORGANIZATION_WRITE = "organization:write"
    PEOPLE_READ = "people:read"
    PEOPLE_MANAGE = "people:manage"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_MANAGE = "connections:manage"
    PRIVATE_NETWORKS = "networks:private"
    INSTANCE_READ = "instance:read"
    INSTANCE_OPERATE = "instance:operate"


DESCRIPTIONS: Final[Mapping[Permission, str]] = {
    Permission.ACCOUNT_READ: "Read one's own profile, logins and API keys.",
    Permission.ACCOUNT_WRITE: "Change one's own profile and tools, end logins, revoke API keys.",
    Permission.CREDENTIALS_WRITE: "Change one's own password, make API keys. Never with an API key.",
    Permission.SESSIONS_READ: "Read chat sessions, messages, runs, steps and drafts, and follow answers live.",
    Permission.SESSIONS_WRITE: "Start, change and delete chat sessions, rate answers, keep drafts.",
    Permission.RUNS_WRITE: "Ask for answers and command them; OpenAI-compatible completions.",
    Permission.MODELS_READ: "List the models and tools to choose from.",
    Permission.ORGANIZATION_READ: "Read the organization's settings.",
    Permission.ORGANIZATION_WRITE: "Change the organization's settings, and which tools everybody has.",
    Permission.PEOPLE_READ: "List the organization's people and its open invitations.",
    Permission.PEOPLE_MANAGE: "Invite, promote and suspend the organization's people. Never with an API key.",
    Permission.CONNECTIONS_READ: "List the connections to model providers that one may know of.",
    Permission.CONNECTIONS_MANAGE: "Make, change, try and remove the organization's connections to model providers.",
    Permission.PRIVATE_NETWORKS: "Let connections reach this server's own networks (LAN addresses).",
    Permission.INSTANCE_READ: "See the whole instance, its background jobs and all of its connections.",
    Permission.INSTANCE_OPERATE: "Manage the connections of the instance; let a failed background job run again.",
}

_VIEWER: Final = frozenset(
    {
        Permission.ACCOUNT_READ,
        Permission.ACCOUNT_WRITE,
        Permission.CREDENTIALS_WRITE,
        Permission.SESSIONS_READ,
        Permission.MODELS_READ,
        Permission.ORGANIZATION_READ,
    }
)
_MEMBER: Final = _VIEWER | {Permission.SESSIONS_WRITE, Permission.RUNS_WRITE}
_ADMIN: Final = _MEMBER | {
    Permission.ORGANIZATION_WRITE,
    Permission.PEOPLE_READ,
    Permission.PEOPLE_MANAGE,
    Permission.CONNECTIONS_READ,
    Permission.CONNECTIONS_MANAGE,
}

ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: _VIEWER,
    Role.MEMBER: _MEMBER,
    Role.ADMIN: _ADMIN,
}

OPERATOR_PERMISSIONS: Final = frozenset(
    {
        Permission.INSTANCE_READ,
        Permission.INSTANCE_OPERATE,
        Permission.CONNECTIONS_READ,
        Permission.PRIVATE_NETWORKS,
    }
)
"""What operators of the instance may besides their role in an organization."""

LOGIN_ONLY: Final = frozenset({Permission.CREDENTIALS_WRITE, Permission.PEOPLE_MANAGE})
"""What no API key may: a leaked key can be revoked, and must not be able to outlive that by what it made or whom it let
in."""

_READ: Final = frozenset(
    {
        Permission.ACCOUNT_READ,
        Permission.SESSIONS_READ,
        Permission.MODELS_READ,
        Permission.ORGANIZATION_READ,
        Permission.PEOPLE_READ,
        Permission.CONNECTIONS_READ,
        Permission.INSTANCE_READ,
    }
)
_MANAGED: Final = _READ - {Permission.SESSIONS_READ}

KEY_SCOPE_PERMISSIONS: Final[Mapping[KeyScope, frozenset[Permission]]] = {
    KeyScope.READ: _READ,
    KeyScope.CHAT: _READ | {Permission.SESSIONS_WRITE, Permission.RUNS_WRITE},
    # It reads what it manages, and no chats: a key that sets up connections has no need of them.
    KeyScope.ADMIN: _MANAGED
    | {
        Permission.ACCOUNT_WRITE,
        Permission.ORGANIZATION_WRITE,
        Permission.CONNECTIONS_MANAGE,
        Permission.INSTANCE_OPERATE,
        Permission.PRIVATE_NETWORKS,
    },
}
"""What each scope of an API key keeps of its owner's rights. Every permission is in one of them, or in LOGIN_ONLY."""
