"""Words of identity: where a request came from, what one-time links are for, what a sign-in hands out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class LinkPurpose(StrEnum):
    """What a one-time link does."""

    SETUP = "setup"
    INVITE = "invite"
    RESET = "reset"


class LoginEnd(StrEnum):
    """Why a login is over."""

    SIGNED_OUT = "signed_out"
    ENDED_BY_PERSON = "ended_by_person"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a password
    SUSPENDED = "suspended"
    TOKEN_REUSED = "token_reused"  # noqa: S105 - a reason, not a token


@dataclass(frozen=True, slots=True)
class Visitor:
    """The device that a request came from."""

    address: str | None
    user_agent: str | None
    device_cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody signs in with. `password_hash`: None for one who has none yet."""

    user_id: UUID
    email: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A live login and its newest refresh token, which is told only once."""

    login_id: UUID
    user_id: UUID
    org_id: UUID
    refresh_token: str


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """What a one-time link was made for."""

    purpose: LinkPurpose
    email: str | None = None
    user_id: UUID | None = None
    org_id: UUID | None = None
    role: str | None = None
    created_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link as made: the token is told only once."""

    id: UUID
    token: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TicketHolder:
    """Whom a WebSocket ticket lets in, and by which login or key it was asked for."""

    user_id: UUID
    org_id: UUID
    login_id: UUID | None
    api_key_id: UUID | None
