"""What can go wrong with a source of tools. Models read these sentences too, where a call failed."""

from math import ceil
from typing import Any, ClassVar

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
    """A source could not be asked, or gave no answer that can be used.

    `may_have_worked`: whether the tool may have done its work all the same. `is_outage`: whether it tells that the
    server is down, so that it is left alone for a while after several. `said`: what the server said, or what there is
    to say of it, without whose words they are.
    """

    kind = ErrorKind.UPSTREAM
    code = "tools.source_failed"
    may_have_worked = True
    is_outage: ClassVar[bool] = True

    @property
    def has_answered(self) -> bool:
        """Whether something answered, if not what was asked for."""
        return "status" in self.details

    def __init__(self, message: str, *, said: str | None = None, **details: Any) -> None:  # noqa: ANN401 - free JSON
        super().__init__(message, **details)
        self.said = said or message


class SourceUnreachable(SourceError):
    """Nothing answers, or what answers is broken."""

    code = "tools.source_unreachable"

    def __init__(self, said: str, **details: int) -> None:
        super().__init__(f"The tool's server cannot be used: {said}", said=said, **details)


class SourceOutOfReach(SourceUnreachable):
    """The server's address leads to where its owner may not reach."""

    may_have_worked = False
    is_outage = False


class SourceSignInRefused(SourceError):
    """The server does not accept the sign-in."""

    code = "tools.source_sign_in_refused"
    may_have_worked = False
    is_outage = False
    has_answered = False

    def __init__(self, status: int) -> None:
        super().__init__(f"The tool's server does not accept the sign-in, or wants one ({status}).", status=status)


class SourceBusy(SourceError):
    """The server wants no more for a while."""

    kind = ErrorKind.RATE_LIMITED
    code = "tools.source_busy"
    may_have_worked = False
    is_outage = False

    def __init__(self, seconds: float | None) -> None:
        when = "later" if seconds is None else f"in {ceil(seconds)} seconds"
        waits: dict[str, Any] = {} if seconds is None else {"retry_after": ceil(seconds)}
        super().__init__(f"The tool's server wants no more calls just now. Try it again {when}.", **waits)


class SourceTimedOut(SourceError):
    """The server took longer than it may."""

    code = "tools.source_timed_out"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The tool's server did not answer within {seconds:.0f} seconds.")


class SourceAnswerInvalid(SourceError):
    """The server's answer does not follow its protocol."""

    code = "tools.source_invalid_answer"
    has_answered = True

    def __init__(self) -> None:
        super().__init__("The tool's server gave an answer that is not of its protocol.")


class SourceVersionUnknown(SourceError):
    """The server speaks no revision of the protocol that we speak."""

    code = "tools.source_version_unknown"
    is_outage = False

    def __init__(self) -> None:
        super().__init__("The tool's server speaks a version of its protocol that is not known here.")


class SourceAnswerTooLarge(SourceError):
    """The server sent more than is taken."""

    kind = ErrorKind.TOO_LARGE
    code = "tools.source_answer_too_large"
    is_outage = False

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The tool's server answered with more than {limit:,} bytes, and was cut off. Ask it for less.", limit=limit
        )


class SourceRefused(SourceError):
    """The server refuses the request, in its own words. `status` of HTTP, or `error_code` of its protocol."""

    code = "tools.source_refused"
    may_have_worked = False
    is_outage = False

    def __init__(self, said: str, **details: int) -> None:
        super().__init__(f"The tool's server refused: {said}", said=said, **details)


class SourceResting(SourceError):
    """The server has failed several times in a row and is left alone for a while."""

    kind = ErrorKind.UNAVAILABLE
    code = "tools.source_resting"
    may_have_worked = False
    is_outage = False

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"The tool's server has failed several times and is left alone for {ceil(seconds)} seconds. Go on"
            " without it.",
            retry_after=ceil(seconds),
        )
