"""What the routes of sign-in and of the caller's account read and answer."""

from datetime import datetime
from functools import cache
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, Field, SecretStr, StringConstraints

from coda.access.key_scopes import KeyScope
from coda.core.names import OneLine
from coda.identity.types import LinkPurpose
from coda.organizations.schemas import Answer, Email, Organization, Request

Name = Annotated[OneLine, StringConstraints(min_length=1, max_length=100)]
_known_zones = cache(available_timezones)


def _known_zone(name: str) -> str:
    if name not in _known_zones():
        raise ValueError("This time zone is not known. Use an IANA name such as Europe/Lisbon.")
    return name


TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_known_zone)]
LinkToken = Annotated[str, StringConstraints(min_length=1, max_length=200)]
GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=256)]
KeyScopes = Annotated[list[KeyScope], Field(min_length=1, max_length=len(KeyScope))]
NewPassword = Annotated[SecretStr, Field(min_length=8, max_length=256)]


class Setup(Request):
    """The first administrator."""

    token: LinkToken
    email: Email
    name: Name | None = Field(None, description="What others see; the part of the address before the @ where left out.")
    password: NewPassword


class LoginRequest(Request):
    """A sign-in."""

    email: Email
    password: GivenPassword


class Refresh(Request):
    """`organization_id` changes the organization that the login works in."""

    organization_id: UUID | None = None


class InviteAcceptance(Request):
    """A new person, who was invited."""

    token: LinkToken
    name: Name
    password: NewPassword


class PasswordReset(Request):
    """A new password by a link."""

    token: LinkToken
    password: NewPassword


class PasswordChange(Request):
    """A new password by the old one."""

    current_password: GivenPassword
    new_password: NewPassword


class MePatch(Request):
    """What a person says about themself."""

    name: Name = Field(default_factory=str)
    locale: Literal["en", "pt-BR"] | None = None
    time_zone: TimeZone | None = Field(None, description="IANA name; what the model takes for the person's own time.")


class ApiKeyCreate(Request):
    """A key to be made."""

    name: Name
    expires_at: AwareDatetime | None = None
    scopes: KeyScopes = Field(
        default_factory=lambda: list(KeyScope),
        description="What of its owner's rights the key is given; all where left out.",
    )

    def ordered_scopes(self) -> list[KeyScope]:
        """Each scope once, in the order in which they are shown."""
        return [scope for scope in KeyScope if scope in self.scopes]


class User(Answer):
    """A person."""

    id: UUID
    email: Email
    name: str
    locale: str | None
    time_zone: str | None
    is_operator: bool
    created_at: datetime


class Me(Answer):
    """The caller, where they work, and where they could."""

    user: User
    organization: Organization
    organizations: list[Organization]
    permissions: list[str] = Field(description="What the caller may do now, with this login or key.")


class SignedIn(Answer):
    """An access token; the refresh token is in the cookie."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - OAuth's word for the kind of token
    expires_in: int = Field(description="Seconds.")
    user: User


class AuthState(Answer):
    """Whether the first administrator still has to be made."""

    setup_required: bool
    version: str


class AuthLink(Answer):
    """What a one-time link is for. `email` is null where the person chooses it."""

    purpose: LinkPurpose
    email: str | None
    organization: str | None


class WsTicket(Answer):
    """Opens one WebSocket within 30 seconds."""

    ticket: str


class Login(Answer):
    """Where the caller is signed in."""

    id: UUID
    user_agent: str | None
    address: str | None
    created_at: datetime
    last_used_at: datetime
    current: bool


class LoginPage(Answer):
    """Live logins, newest first."""

    items: list[Login]
    next_cursor: str | None


class ApiKey(Answer):
    """A key, without its secret."""

    id: UUID
    name: str
    prefix: str
    scopes: list[KeyScope]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class ApiKeyCreated(ApiKey):
    """A key with its secret."""

    key: str = Field(description="`sk-coda-...`; shown once.")


class ApiKeyPage(Answer):
    """Keys, newest first."""

    items: list[ApiKey]
    next_cursor: str | None
