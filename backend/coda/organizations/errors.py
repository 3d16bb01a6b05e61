"""What can be wrong with organizations and their members."""

from uuid import UUID

from coda.core.errors import CodaError, ErrorKind


class AlreadySetUp(CodaError):
    """The first administrator exists."""

    kind = ErrorKind.CONFLICT
    code = "organizations.already_set_up"

    def __init__(self) -> None:
        super().__init__("This server is already set up. Sign in, or ask an administrator for an invitation.")


class NotAMember(CodaError):
    """No such organization for this person."""

    kind = ErrorKind.FORBIDDEN
    code = "organizations.not_a_member"

    def __init__(self, org_id: UUID) -> None:
        super().__init__("You are not a member of this organization.", organization_id=str(org_id))


class PersonNotFound(CodaError):
    """No such person in this organization."""

    kind = ErrorKind.NOT_FOUND
    code = "organizations.person_not_found"

    def __init__(self, user_id: UUID) -> None:
        super().__init__("This person is not in the organization.", user_id=str(user_id))


class LastAdmin(CodaError):
    """An organization would be left without an administrator."""

    kind = ErrorKind.CONFLICT
    code = "organizations.last_admin"

    def __init__(self) -> None:
        super().__init__("The organization needs an administrator; make somebody else one first.")


class OwnAccount(CodaError):
    """Somebody tried to suspend themself."""

    kind = ErrorKind.CONFLICT
    code = "organizations.own_account"

    def __init__(self) -> None:
        super().__init__("You cannot suspend yourself.")


class PersonalOrganization(CodaError):
    """Somebody else was to be let into a personal organization."""

    kind = ErrorKind.CONFLICT
    code = "organizations.personal"

    def __init__(self) -> None:
        super().__init__("This is your personal organization; invite people to a shared one.")
