"""What can go wrong with runs."""

from typing import ClassVar
from uuid import UUID

from coda.core.errors import CodaError, ErrorKind
from coda.runs.types import ANSWER_TOO_LONG


class RunNotFound(CodaError):
    """No such run for this caller."""

    kind = ErrorKind.NOT_FOUND
    code = "runs.not_found"

    def __init__(self, run_id: UUID) -> None:
        super().__init__("This run does not exist.", run_id=str(run_id))


class RunsBusy(CodaError):
    """The run queue is full."""

    kind = ErrorKind.UNAVAILABLE
    code = "runs.busy"

    def __init__(self, *, position: int, retry_after: int) -> None:
        super().__init__(
            f"Coda is busy: {position - 1:,} questions wait already. Nothing was sent; try again in {retry_after} s.",
            position=position,
            retry_after=retry_after,
        )


class TooManyQueued(CodaError):
    """One person has as many questions waiting as one may."""

    kind = ErrorKind.RATE_LIMITED
    code = "runs.too_many_queued"

    def __init__(self, *, position: int, retry_after: int) -> None:
        super().__init__(
            f"{position - 1:,} of your questions wait already. Let some be answered, or remove some, then send this.",
            position=position,
            retry_after=retry_after,
        )


class RunConflict(CodaError):
    """A command does not fit the state of the run; each kind has one sentence for it."""

    kind = ErrorKind.CONFLICT
    sentence: ClassVar[str]

    def __init__(self, run_id: UUID, status: str | None = None) -> None:
        super().__init__(self.sentence, run_id=str(run_id), **({} if status is None else {"status": status}))


class RunAlreadyStarted(RunConflict):
    """A worker has begun this run, so its question cannot change."""

    code = "runs.already_started"
    sentence = "This question is being answered already. Stop the answer, or ask anew."


class QuestionShared(RunConflict):
    """The same question has another answer."""

    code = "runs.question_shared"
    sentence = "This question has another answer too, so it cannot change. Ask anew."


class RunIdTaken(RunConflict):
    """A run id was sent again with other content."""

    code = "runs.id_taken"
    sentence = "This run id was used for another request. Send a new id."


class MessageIdTaken(CodaError):
    """A message id was sent again in another request."""

    kind = ErrorKind.CONFLICT
    code = "runs.message_id_taken"

    def __init__(self, message_id: UUID) -> None:
        super().__init__("This message id was used before. Send a new id.", message_id=str(message_id))


class InvalidParent(CodaError):
    """A message cannot be a child of the given one."""

    kind = ErrorKind.UNPROCESSABLE
    code = "runs.invalid_parent"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class NothingToAnswer(CodaError):
    """A request without a question."""

    kind = ErrorKind.UNPROCESSABLE
    code = "runs.nothing_to_answer"

    def __init__(self) -> None:
        super().__init__("Send a message with text, or the id of an answer to regenerate.")


class FencedOut(CodaError):
    """Another worker took this run over; nothing more may be written for it here."""

    kind = ErrorKind.CONFLICT
    code = "runs.fenced_out"

    def __init__(self, run_id: UUID) -> None:
        super().__init__("Another worker has taken this run over.", run_id=str(run_id))


class RunTimedOut(CodaError):
    """The run worked longer than it may."""

    kind = ErrorKind.UPSTREAM
    code = "runs.timed_out"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The answer was stopped after {seconds:.0f} seconds.", seconds=seconds)


class AnswerTooLong(CodaError):
    """The model has written more into one answer than it may; what it has written is kept."""

    kind = ErrorKind.TOO_LARGE
    code = ANSWER_TOO_LONG

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(
            f"The answer was stopped: it reached the limit of {limit:,} characters of {what}. "
            "Ask for it in smaller parts.",
            what=what,
            limit=limit,
        )


class TooManyToolCalls(CodaError):
    """More tool calls were asked for at once than an answer may make."""

    kind = ErrorKind.TOO_LARGE
    code = "runs.too_many_tool_calls"

    def __init__(self, tool: str, limit: int) -> None:
        super().__init__(
            f"{tool} was not called: an answer may make at most {limit} tool calls. Answer with what there is.",
            limit=limit,
        )


class RunAttemptsExhausted(CodaError):
    """The workers that drove this run died, one after another."""

    kind = ErrorKind.INTERNAL
    code = "runs.attempts_exhausted"

    def __init__(self, attempts: int) -> None:
        super().__init__(
            "This answer could not be finished: the server was lost each time. Try again.", attempts=attempts
        )


class RunBroken(CodaError):
    """Something failed that should not; details are in the log under the trace id."""

    kind = ErrorKind.INTERNAL
    code = "runs.internal"

    def __init__(self, trace_id: str | None) -> None:
        super().__init__("Something went wrong while answering. Try again.", trace_id=trace_id)


class NothingToContinue(RunConflict):
    """The answer was not cut, or it is being continued already."""

    code = "runs.nothing_to_continue"
    sentence = "This answer was not cut, so it cannot be continued."


class PromptNotMade(CodaError):
    """The run has not built its prompt yet."""

    kind = ErrorKind.NOT_FOUND
    code = "runs.prompt_not_made"

    def __init__(self, run_id: UUID) -> None:
        super().__init__("This run has not built its prompt yet.", run_id=str(run_id))


class RunNotRunning(RunConflict):
    """A command for a working run, and this one does not work (any more)."""

    code = "runs.not_running"
    sentence = "This run is not working, so it cannot do this."


class RunNotPaused(RunConflict):
    """There is nothing to resume."""

    code = "runs.not_paused"
    sentence = "This run is not paused."


class RunEnding(RunConflict):
    """A sentence came in when the agent had nothing more to say."""

    code = "runs.ending"
    sentence = "The answer is just ending. Send this as your next message."


class SteerIdTaken(RunConflict):
    """A steer's id was sent again with another sentence, or for another run."""

    code = "runs.steer_id_taken"
    sentence = "This id was used for another sentence. Send a new id."


class TooManySteers(CodaError):
    """An answer got as many sentences as it may."""

    kind = ErrorKind.CONFLICT
    code = "runs.too_many_steers"

    def __init__(self, run_id: UUID, limit: int) -> None:
        super().__init__("Nothing more can be thrown into this answer.", run_id=str(run_id), limit=limit)


class ApprovalNeeded(RunConflict):
    """A run that waits for decisions cannot just be resumed."""

    code = "runs.approval_needed"
    sentence = "This run waits for decisions on its tool calls."


class ClientResultNeeded(RunConflict):
    """A call that only the program which asked can make."""

    code = "runs.client_result_needed"
    sentence = "This call is made by the program that asked the question. Decline it, or let the program go on."


class NothingToApprove(RunConflict):
    """Decisions for a run that waits for none."""

    code = "runs.nothing_to_approve"
    sentence = "This run waits for no decision."


class DecidedOtherwise(CodaError):
    """Another decision was made before, and it counts."""

    kind = ErrorKind.CONFLICT
    code = "runs.decided_otherwise"

    def __init__(self, run_id: UUID, next_run_id: UUID) -> None:
        super().__init__("This was decided otherwise before.", run_id=str(run_id), next_run_id=str(next_run_id))


class InvalidDecisions(CodaError):
    """Decisions must be made on exactly the calls that wait."""

    kind = ErrorKind.UNPROCESSABLE
    code = "runs.invalid_decisions"

    def __init__(self, waiting: list[str]) -> None:
        super().__init__("Decide once on each tool call that waits, and on no other.", waiting=waiting)


class ToolCallRejected(CodaError):
    """A person did not allow a tool call."""

    kind = ErrorKind.FORBIDDEN
    code = "runs.tool_rejected"

    def __init__(self, tool: str, reason: str | None) -> None:
        message = f"A person did not allow {tool} to run"
        super().__init__(f"{message}: {reason}" if reason else f"{message}.", tool=tool, reason=reason)


class CostLimitReached(CodaError):
    """The next model call would cost more than one answer may."""

    kind = ErrorKind.UNPROCESSABLE
    code = "runs.cost_limit"

    def __init__(self, limit_usd: float) -> None:
        super().__init__(
            f"Reading this alone costs more than the {limit_usd:g} US dollars that one answer may cost. Ask in a new"
            " chat, or choose a cheaper model.",
            limit=limit_usd,
        )
