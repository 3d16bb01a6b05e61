"""What can go wrong with a tool call. The model reads these sentences and should know what to do next."""

from collections.abc import Sequence

from coda.core.errors import CodaError, ErrorKind


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
        super().__init__(f"There is no tool called {name[:80]!r}.{hint} Tools: {', '.join(known)}.", name=name[:80])


class UnknownToolSet(CodaError):
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
