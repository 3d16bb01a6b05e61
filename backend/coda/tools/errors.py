"""What can go wrong with a tool call. The model reads these sentences and should know what to do next."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from coda.core.errors import CodaError, ErrorKind
from coda.tools.types import Level

_LONGEST_NAME: Final = 80


def shown(name: str) -> str:
    """A tool's name as errors tell it: models and clients write names of any length."""
    return name[:_LONGEST_NAME]


class ToolError(CodaError):
    """A tool call that gave no result; the run goes on."""

    kind = ErrorKind.UNPROCESSABLE
    code = "tools.failed"


class ToolFailed(ToolError):
    """The tool itself says why it could not answer."""


class UnknownTool(ToolError):
    """The model called something that does not exist."""

    code = "tools.unknown"

    def __init__(self, name: str, *, similar: str | None, known: Sequence[str]) -> None:
        hint = f" Did you mean {similar}?" if similar else ""
        super().__init__(
            f"There is no tool called {shown(name)!r}.{hint} Tools: {', '.join(known)}.",
            name=shown(name),
        )


class ToolNotAllowed(ToolError):
    """The tool is switched off here: by the organization, the person, or for this chat."""

    kind = ErrorKind.FORBIDDEN
    code = "tools.not_allowed"

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"{shown(tool)} is switched off here and was not called. Go on without it, and say so if it matters.",
            tool=shown(tool),
        )


class ConsentNeeded(ToolError):
    """Since the call was let pass, a person has to allow each call of the tool."""

    kind = ErrorKind.FORBIDDEN
    code = "tools.consent_needed"

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"{shown(tool)} was not called: since a moment ago a person has to allow each call. Ask for it again where"
            " it is still needed, and they will be asked.",
            tool=shown(tool),
        )


class CallsNeedApproval(ToolError):
    """A person has to allow each call of the tool, and here is nobody who could be asked."""

    kind = ErrorKind.FORBIDDEN
    code = "tools.approval_needed"

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"{shown(tool)} was not called: a person has to allow each call, and cannot be asked here. Ask the agent"
            " for it in a chat, where they can.",
            tool=shown(tool),
        )


class SourceGone(ToolError):
    """The tool, or all of its source, was taken away while the answer was being written."""

    kind = ErrorKind.GONE
    code = "tools.source_gone"

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"{shown(tool)} is no longer there and was not called. Go on without it, and say so if it matters.",
            tool=shown(tool),
        )


class ToolChanged(ToolError):
    """The tool is not the one that the model was told of and that people have allowed."""

    kind = ErrorKind.CONFLICT
    code = "tools.changed"

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"{shown(tool)} has changed since this answer was begun and was not called. Go on without it; the next "
            "answer can use it again.",
            tool=shown(tool),
        )


class UnknownToolInSetting(CodaError):
    """A setting names a tool that does not exist."""

    kind = ErrorKind.INVALID
    code = "tools.unknown_in_settings"

    def __init__(self, names: Sequence[str], *, known: Sequence[str]) -> None:
        super().__init__(
            f"CODA_TOOLS__NEED_APPROVAL names what is no tool: {', '.join(names)}. Tools: {', '.join(known)}."
        )


class BadArguments(ToolError):
    """The arguments are not JSON or do not match the tool's schema."""

    code = "tools.bad_arguments"

    def __init__(self, tool: str, problems: Sequence[str]) -> None:
        listed = " ".join(problems)
        super().__init__(
            f"{tool} was not called: {listed} Correct the arguments and call it again.", problems=list(problems)
        )


class ToolTimedOut(ToolError):
    """The tool worked for longer than it may."""

    kind = ErrorKind.UPSTREAM
    code = "tools.timed_out"

    def __init__(self, tool: str, seconds: float) -> None:
        super().__init__(
            f"{tool} was stopped after {seconds:g} seconds. Ask it for less, or go on without it.", seconds=seconds
        )


class WorkersBusy(ToolError):
    """More heavy calls wait than may."""

    kind = ErrorKind.RATE_LIMITED
    code = "tools.busy"

    def __init__(self) -> None:
        super().__init__("Too many calculations are waiting just now. Try it again later, or go on without it.")


class WorkerLost(ToolError):
    """The process of a heavy call ended in the middle of it: it took more memory or time than it may, or crashed."""

    code = "tools.worker_lost"

    def __init__(self) -> None:
        super().__init__("This gave up: it may need too much memory or time. Ask for something smaller.")


class ResultTooLarge(ToolError):
    """The result would fill the model's window."""

    kind = ErrorKind.TOO_LARGE
    code = "tools.result_too_large"

    def __init__(self, tool: str, *, size: int, limit: int) -> None:
        super().__init__(
            f"The result of {tool} has {size:,} bytes; at most {limit:,} are taken. Ask it for less.",
            size=size,
            limit=limit,
        )


class ToolBroken(ToolError):
    """The tool raised what it should not; the log has it."""

    kind = ErrorKind.INTERNAL
    code = "tools.broken"

    def __init__(self, tool: str) -> None:
        super().__init__(f"{tool} broke while working. Go on without it, or try other arguments.")


class OutcomeUnknown(ToolError):
    """The server was lost while a tool with side effects worked: a second call could do everything twice."""

    kind = ErrorKind.CONFLICT
    code = "tools.outcome_unknown"

    def __init__(self, tool: str) -> None:
        super().__init__(
            f"Unknown, please check: the server was lost while {tool} worked, so it may have done its work or not. "
            "It was not called again."
        )


class ToolNotFound(CodaError):
    """A request names a tool that nobody has here."""

    kind = ErrorKind.NOT_FOUND
    code = "tools.not_found"

    def __init__(self, name: str) -> None:
        super().__init__("There is no such tool. GET /api/v1/tools lists them.", name=shown(name))


class AmbiguousTool(CodaError):
    """Several sources have a tool of one name."""

    kind = ErrorKind.CONFLICT
    code = "tools.ambiguous"

    def __init__(self, name: str, sources: Sequence[str]) -> None:
        super().__init__(
            f"Several sources have a tool called {name}. Say which with `source`: {', '.join(sources)}.",
            name=name,
            sources=list(sources),
        )


class SessionMissing(CodaError):
    """A decision for one chat does not say for which."""

    kind = ErrorKind.UNPROCESSABLE
    code = "tools.session_missing"

    def __init__(self) -> None:
        super().__init__("A decision for one chat needs its `session_id`.")


class ToolLocked(CodaError):
    """A broader level has decided, and nobody below it can lift that."""

    kind = ErrorKind.CONFLICT
    code = "tools.locked"
    locked_by: ClassVar[str]
    who: ClassVar[str]

    def __init__(self, tool: str, state: str) -> None:
        super().__init__(f"{tool} stays {state}: {self.who}.", tool=tool, locked_by=self.locked_by)


class LockedByInstance(ToolLocked):
    """By a setting of the server, or by the tool itself."""

    code = "tools.locked_by_instance"
    locked_by = "instance"
    who = "whoever runs this server has decided so"


class LockedByOrganization(ToolLocked):
    """By an administrator."""

    code = "tools.locked_by_organization"
    locked_by = "organization"
    who = "the organization's administrators have decided so"


class LockedByPerson(ToolLocked):
    """By the caller, for all their chats."""

    code = "tools.locked_by_me"
    locked_by = "me"
    who = "you have decided so for all your chats; change it there first"


LOCKED: Final[Mapping[Level, type[ToolLocked]]] = {
    Level.INSTANCE: LockedByInstance,
    Level.ORGANIZATION: LockedByOrganization,
    Level.PERSON: LockedByPerson,
}
"""The error that names who has decided."""
