"""What can go wrong with sources that are commands."""

from coda.core.errors import CodaError, ErrorKind
from coda.tools.sources.errors import SourceError


class CommandSecretsNeeded(CodaError):
    """A secret is never given to another command than the one that it was entered for."""

    kind = ErrorKind.UNPROCESSABLE
    code = "tools.command_secrets_needed"

    def __init__(self) -> None:
        super().__init__("The command has changed: enter its secret variables again.", field="stdio")


class NamedBySetting(CodaError):
    """What a setting names is changed there."""

    kind = ErrorKind.CONFLICT
    code = "tools.source_named_by_setting"

    def __init__(self) -> None:
        super().__init__("CODA_TOOLS__SERVERS names this command: change it there.")


class ServersSettingInvalid(CodaError):
    """The setting that names commands cannot be read."""

    kind = ErrorKind.INVALID
    code = "tools.servers_setting_invalid"

    def __init__(self, said: str) -> None:
        super().__init__(f"CODA_TOOLS__SERVERS cannot be read: {said}")


class NoWorkerAnswered(SourceError):
    """No process that works on runs has taken up what it was asked."""

    kind = ErrorKind.UNAVAILABLE
    code = "tools.no_worker_answered"
    may_have_worked = False
    is_outage = False

    def __init__(self) -> None:
        super().__init__("No worker has answered in time. Look whether one runs, and try again.")
