"""What can go wrong with a source of tools. Models read these sentences too, where a call failed."""

from typing import ClassVar

from coda.core.errors import CodaError, ErrorKind
from coda.tools.errors import ToolError


class ToolSourceNotFound(CodaError):
    """The source does not exist for the caller."""

    kind = ErrorKind.NOT_FOUND
    code = "tools.source_not_found"

    def __init__(self) -> None:
        super().__init__("This source of tools does not exist.")


class SourceInvalid(CodaError):
    """What was entered cannot be a source."""

    kind = ErrorKind.UNPROCESSABLE
    code = "tools.source_invalid"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message, field=field)


class SourceSecretNeeded(CodaError):
    """A secret is never sent to another address than the one that it was entered for."""

    kind = ErrorKind.UNPROCESSABLE
    code = "tools.source_secret_needed"

    def __init__(self) -> None:
        super().__init__("The address has changed: enter the sign-in again.", field="auth")


class TooManySources(CodaError):
    """An owner has as many sources as may be."""

    kind = ErrorKind.CONFLICT
    code = "tools.too_many_sources"

    def __init__(self, most: int) -> None:
        super().__init__(f"There are {most} sources already. Remove one first.", limit=most)


class ToolChangedAgain(CodaError):
    """What is approved is not what was shown."""

    kind = ErrorKind.CONFLICT
    code = "tools.source_changed_again"

    def __init__(self, tool: str) -> None:
        super().__init__(f"{tool} has changed again since it was shown. Look at it once more.", tool=tool)


class SourceError(ToolError):
    """A source could not be asked, or gave no answer that can be used."""

    kind = ErrorKind.UPSTREAM
    code = "tools.source_failed"
    may_have_worked: ClassVar[bool] = True
    """Whether the tool may have done its work all the same."""


class SourceUnreachable(SourceError):
    """Nothing answers, or what answers is broken."""

    code = "tools.source_unreachable"

    def __init__(self, said: str) -> None:
        super().__init__(f"The tool's server cannot be used: {said}")


class SourceSignInRefused(SourceError):
    """The server does not accept the sign-in."""

    code = "tools.source_sign_in_refused"
    may_have_worked = False

    def __init__(self, status: int) -> None:
        super().__init__(f"The tool's server does not accept the sign-in, or wants one ({status}).", status=status)


class SourceTimedOut(SourceError):
    """The server took longer than it may."""

    code = "tools.source_timed_out"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The tool's server did not answer within {seconds:.0f} seconds.")


class SourceAnswerInvalid(SourceError):
    """The server's answer does not follow its protocol."""

    code = "tools.source_invalid_answer"

    def __init__(self) -> None:
        super().__init__("The tool's server gave an answer that is not of its protocol.")


class SourceAnswerTooLarge(SourceError):
    """The server sent more than is taken."""

    kind = ErrorKind.TOO_LARGE
    code = "tools.source_answer_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The tool's server answered with more than {limit:,} bytes, and was cut off. Ask it for less.", limit=limit
        )


class SourceRefused(SourceError):
    """The server refuses the request, in its own words."""

    code = "tools.source_refused"
    may_have_worked = False

    def __init__(self, words: str) -> None:
        super().__init__(f"The tool's server refused: {words}")


class SourceResting(SourceError):
    """The server has failed several times in a row and is left alone for a while."""

    kind = ErrorKind.UNAVAILABLE
    code = "tools.source_resting"
    may_have_worked = False

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The tool's server has failed several times and is asked again in {seconds:.0f} seconds. Go on without it."
        )
