"""What can be wrong with people, passwords, logins, links and keys."""

from uuid import UUID

from coda.core.errors import CodaError, ErrorKind


class InvalidCredentials(CodaError):
    """Unknown account or wrong password; which of the two is not told."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "identity.invalid_credentials"

    def __init__(self) -> None:
        super().__init__("E-mail and password do not match.")


class WrongPassword(CodaError):
    """The present password was not given right."""

    kind = ErrorKind.FORBIDDEN
    code = "identity.wrong_password"

    def __init__(self) -> None:
        super().__init__("The current password is not right.")


class AccountSuspended(CodaError):
    """An administrator shut this account."""

    kind = ErrorKind.FORBIDDEN
    code = "identity.account_suspended"

    def __init__(self) -> None:
        super().__init__("This account is suspended. Ask an administrator of this server.")


class LoginOver(CodaError):
    """The login has ended, or there never was one."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "identity.login_over"

    def __init__(self) -> None:
        super().__init__("You are signed out. Sign in again.")


class LoginNotFound(CodaError):
    """No such login of this person."""

    kind = ErrorKind.NOT_FOUND
    code = "identity.login_not_found"

    def __init__(self, login_id: UUID) -> None:
        super().__init__("This login does not exist.", login_id=str(login_id))


class EmailTaken(CodaError):
    """Somebody has this address already."""

    kind = ErrorKind.CONFLICT
    code = "identity.email_taken"

    def __init__(self) -> None:
        super().__init__("There is already an account with this e-mail address.")


class InvalidEmail(CodaError):
    """Not an e-mail address."""

    kind = ErrorKind.UNPROCESSABLE
    code = "identity.invalid_email"

    def __init__(self) -> None:
        super().__init__("This is not an e-mail address.")


class UnsuitablePassword(CodaError):
    """A password that is too short or too long."""

    kind = ErrorKind.UNPROCESSABLE
    code = "identity.unsuitable_password"

    def __init__(self, *, shortest: int, longest: int) -> None:
        super().__init__(f"A password has {shortest} to {longest} characters.", shortest=shortest, longest=longest)


class AccountNotFound(CodaError):
    """Nobody has this e-mail address."""

    kind = ErrorKind.NOT_FOUND
    code = "identity.account_not_found"

    def __init__(self) -> None:
        super().__init__("There is no account with this e-mail address.")


class LinkNotFound(CodaError):
    """A link that this instance never made, or made for something else."""

    kind = ErrorKind.NOT_FOUND
    code = "identity.link_not_found"

    def __init__(self) -> None:
        super().__init__("This link is not valid. Check that it was copied whole.")


class LinkSpent(CodaError):
    """A link that has been used, or whose time is over."""

    kind = ErrorKind.GONE
    code = "identity.link_spent"

    def __init__(self) -> None:
        super().__init__("This link has been used or has expired. Ask for a new one.")


class InviteNotFound(CodaError):
    """No such open invitation in this organization."""

    kind = ErrorKind.NOT_FOUND
    code = "identity.invite_not_found"

    def __init__(self, invite_id: UUID) -> None:
        super().__init__("This invitation does not exist.", invite_id=str(invite_id))


class SignInBusy(CodaError):
    """Too many passwords are being checked at once."""

    kind = ErrorKind.UNAVAILABLE
    code = "identity.busy"

    def __init__(self) -> None:
        super().__init__("Too many people are signing in right now. Try again in a moment.", retry_after=2)


class ApiKeyNotFound(CodaError):
    """No such key of this person."""

    kind = ErrorKind.NOT_FOUND
    code = "organizations.api_key_not_found"

    def __init__(self, key_id: UUID) -> None:
        super().__init__("This API key does not exist.", key_id=str(key_id))


class ExpiryInPast(CodaError):
    """A key that would be dead at birth."""

    kind = ErrorKind.UNPROCESSABLE
    code = "organizations.expiry_in_past"

    def __init__(self) -> None:
        super().__init__("The key would already have expired.", field="expires_at")
