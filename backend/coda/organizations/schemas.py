"""What the routes of organizations read and answer."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, computed_field

from coda.access.roles import Role
from coda.identity.lookalikes import ascii_domain, looks_like
from coda.organizations.types import MembershipStatus, OrganizationKind

Email = Annotated[str, StringConstraints(max_length=254), Field(json_schema_extra={"format": "email"})]


class Request(BaseModel):
    """A request refuses fields that it does not know."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """An answer is read off our own objects."""

    model_config = ConfigDict(from_attributes=True, json_schema_serialization_defaults_required=True)


class PersonPatch(Request):
    """What an administrator changes on a member."""

    role: Role | None = None
    status: MembershipStatus | None = None


class InviteCreate(Request):
    """A person to be invited."""

    email: Email
    role: Role


class OrganizationSettingsPatch(Request):
    """What an administrator changes on the organization."""

    default_model: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None


class Organization(Answer):
    """An organization as the caller sees it."""

    id: UUID
    name: str
    kind: OrganizationKind
    role: Role = Field(description="The caller's role in it.")


class Person(Answer):
    """A member of the organization."""

    user_id: UUID
    email: Email
    name: str
    role: Role
    status: MembershipStatus
    joined_at: datetime


class PersonPage(Answer):
    """People by name."""

    items: list[Person]
    next_cursor: str | None


class Invite(Answer):
    """An invitation that is open."""

    id: UUID
    email: Email
    role: Role
    created_at: datetime
    expires_at: datetime

    @computed_field(description="The plain Latin address that this one may be taken for; null: none.")  # type: ignore[prop-decorator]
    @property
    def looks_like(self) -> str | None:
        """To be shown with a warning."""
        return looks_like(self.email)

    @computed_field(description="The domain as `xn--...`, where it is not plain ASCII.")  # type: ignore[prop-decorator]
    @property
    def ascii_domain(self) -> str | None:
        """To be shown beside the address."""
        return ascii_domain(self.email)


class InviteCreated(Invite):
    """An invitation with its link."""

    link: str = Field(description="The one-time link; shown once.")


class InvitePage(Answer):
    """Invitations, newest first."""

    items: list[Invite]
    next_cursor: str | None


class OrganizationSettings(Answer):
    """What the organization's administrators decided."""

    default_model: str | None
