"""Errors of this wire."""

from uuid import UUID

from coda.core.errors import CodaError, ErrorKind


class NothingToRun(CodaError):
    """The input ends neither in a question nor in the result of a tool, and answers no interrupt."""

    kind = ErrorKind.UNPROCESSABLE
    code = "ag_ui.nothing_to_run"

    def __init__(self) -> None:
        super().__init__(
            "The last message must be the user's or a tool's result, or `resume` must answer an interrupt."
        )


class InterruptsOpen(CodaError):
    """The thread waits for answers to interrupts first."""

    kind = ErrorKind.CONFLICT
    code = "ag_ui.interrupts_open"

    def __init__(self, session_id: UUID) -> None:
        message = "This thread waits for a decision: answer its interrupts in `resume`."
        super().__init__(message, session_id=str(session_id))


class InterruptUnknown(CodaError):
    """`resume` answers interrupts with which no run of this thread waits."""

    kind = ErrorKind.CONFLICT
    code = "ag_ui.interrupt_unknown"

    def __init__(self) -> None:
        super().__init__("`resume` answers interrupts with which no run of this thread waits.")


class RunGoesOn(CodaError):
    """The stream ends here, the run does not: the same request follows it further."""

    kind = ErrorKind.UNAVAILABLE
    code = "ag_ui.run_goes_on"

    def __init__(self, run_id: UUID) -> None:
        message = "The server ends this stream, the run goes on. Send the same request again to follow it."
        super().__init__(message, run_id=str(run_id))


class UnreadableContent(CodaError):
    """A message holds something else than text."""

    kind = ErrorKind.UNPROCESSABLE
    code = "ag_ui.unreadable_content"

    def __init__(self, kind: str) -> None:
        super().__init__(f"Content of the type {kind!r} cannot be read here: send text.")


class QuestionTooLong(CodaError):
    """The last message is longer than a question may be by any way."""

    kind = ErrorKind.UNPROCESSABLE
    code = "ag_ui.question_too_long"

    def __init__(self, length: int, limit: int) -> None:
        super().__init__(f"A question has at most {limit:,} characters; this one has {length:,}.", limit=limit)
