"""What can be wrong with callers and their rights."""

from coda.access.key_scopes import KeyScope
from coda.core.errors import CodaError, ErrorKind


class NotSignedIn(CodaError):
    """The request carries no token."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "organizations.not_signed_in"

    def __init__(self) -> None:
        super().__init__("Sign in first, or send an API key as a Bearer token.")


class ReadOnly(CodaError):
    """A viewer tried to change something."""

    kind = ErrorKind.FORBIDDEN
    code = "organizations.read_only"

    def __init__(self) -> None:
        super().__init__("You may only read in this organization.")


class AdminsOnly(CodaError):
    """Somebody who is no administrator tried what administrators do."""

    kind = ErrorKind.FORBIDDEN
    code = "organizations.admins_only"

    def __init__(self) -> None:
        super().__init__("Only administrators of this organization may do this.")


class OperatorsOnly(CodaError):
    """Somebody who does not run this instance tried what operators do."""

    kind = ErrorKind.FORBIDDEN
    code = "organizations.operators_only"

    def __init__(self) -> None:
        super().__init__("Only operators of this server may do this.")


class NeedsLogin(CodaError):
    """An API key tried what only a signed-in person may do."""

    kind = ErrorKind.FORBIDDEN
    code = "organizations.needs_login"

    def __init__(self) -> None:
        super().__init__("An API key may not do this; sign in with a password.")


class MissingKeyScope(CodaError):
    """An API key was not given the scope that its owner's right is in."""

    kind = ErrorKind.FORBIDDEN
    code = "organizations.missing_scope"

    def __init__(self, scope: KeyScope) -> None:
        super().__init__(f"This API key lacks the scope `{scope}`. Use a key that has it.", scope=scope.value)
