"""What can go wrong with a server that Coda starts itself."""

from coda.core.errors import ErrorKind
from coda.tools.sources.errors import SourceError


class CommandUnusable(SourceError):
    """The command cannot be started on this machine."""

    code = "tools.command_unusable"
    may_have_worked = False

    def __init__(self, said: str) -> None:
        super().__init__(f"The tool's server cannot be started: {said}", said=said)


class ServerEnded(SourceError):
    """The server's process has ended where it should have answered."""

    code = "tools.server_ended"

    def __init__(self, exit_code: int | None, said: str) -> None:
        code = [] if exit_code is None else [f"exit code {exit_code}"]
        told = ": ".join([*code, *([said] if said else [])]) or "nobody knows why."
        super().__init__(f"The tool's server has ended: {told}", said=told)


class ServerStuck(SourceError):
    """The server's process does not read what it is sent."""

    code = "tools.server_stuck"
    may_have_worked = False

    def __init__(self) -> None:
        super().__init__("The tool's server does not read what it is sent.")


class ServerElsewhere(SourceError):
    """This process starts no servers: those that work on answers do."""

    kind = ErrorKind.UNAVAILABLE
    code = "tools.server_elsewhere"
    may_have_worked = False
    is_outage = False

    def __init__(self) -> None:
        super().__init__("This tool is there for answers only: its server runs beside the workers.")
