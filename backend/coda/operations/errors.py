"""What operations refuse."""

from collections.abc import Sequence
from pathlib import Path

from coda.core.errors import CodaError, ErrorKind


class MetricsForbidden(CodaError):
    """Metrics are for this machine, unless a token is set."""

    kind = ErrorKind.FORBIDDEN
    code = "operations.metrics_forbidden"

    def __init__(self) -> None:
        super().__init__("Metrics are served on loopback only; set CODA_METRICS_TOKEN to read them from elsewhere.")


class MetricsTokenWrong(CodaError):
    """The token for metrics is missing or another."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "operations.metrics_token_wrong"

    def __init__(self) -> None:
        super().__init__("Send the metrics token: Authorization: Bearer <CODA_METRICS_TOKEN>.")


class BackupFailed(CodaError):
    """pg_dump or pg_restore said no, or the archive could not be written."""

    code = "operations.backup_failed"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was backed up or restored: {reason.rstrip('.')}.")


class ArchiveUnreadable(CodaError):
    """The file is no archive that this Coda can restore."""

    kind = ErrorKind.UNPROCESSABLE
    code = "operations.archive_unreadable"

    def __init__(self, archive: Path, reason: str) -> None:
        super().__init__(f"{archive} cannot be restored: {reason}.")


class InstanceNotEmpty(CodaError):
    """Restoring never overwrites."""

    kind = ErrorKind.CONFLICT
    code = "operations.instance_not_empty"

    def __init__(self) -> None:
        super().__init__("There is a database already; restore into an empty one (another CODA_DATA_DIR, say).")


class JobNotFound(CodaError):
    """No such job, or one that is done."""

    kind = ErrorKind.NOT_FOUND
    code = "operations.job_not_found"

    def __init__(self, job_id: int) -> None:
        super().__init__("This job does not exist, or it is done.", job_id=job_id)


class JobNotFailed(CodaError):
    """Only a failed job can be tried again."""

    kind = ErrorKind.CONFLICT
    code = "operations.job_not_failed"

    def __init__(self, job_id: int, status: str) -> None:
        super().__init__("Only a failed job can be tried again.", job_id=job_id, status=status)


class ConfigurationWrong(CodaError):
    """Settings with which nothing can be started."""

    kind = ErrorKind.INVALID
    code = "operations.configuration_wrong"

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(f"{reason.rstrip('.')}." for reason in reasons))
