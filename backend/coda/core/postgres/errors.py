"""What can be wrong with the embedded Postgres; each message is one sentence for a terminal."""

from pathlib import Path

from coda.core.errors import CodaError, ErrorKind


class DataFolderInUse(CodaError):
    """Another Coda process owns this data folder."""

    kind = ErrorKind.CONFLICT
    code = "postgres.data_folder_in_use"

    def __init__(self, data_dir: Path, owner: str) -> None:
        super().__init__(
            f"Coda is already running on {data_dir} (process {owner}); stop it first, or set CODA_DATA_DIR.",
            data_dir=str(data_dir),
        )


class DataFolderUnsuitable(CodaError):
    """The data folder cannot hold a database."""

    kind = ErrorKind.UNAVAILABLE
    code = "postgres.data_folder_unsuitable"

    def __init__(self, data_dir: Path, reason: str) -> None:
        super().__init__(
            f"The data folder {data_dir} cannot be used: {reason}; set CODA_DATA_DIR to a local folder you can write.",
            data_dir=str(data_dir),
        )


class PostgresVersionMismatch(CodaError):
    """The database files were made by another major version."""

    kind = ErrorKind.UNAVAILABLE
    code = "postgres.version_mismatch"

    def __init__(self, *, found: str, expected: int) -> None:
        super().__init__(
            f"The database files are of Postgres {found}, this Coda brings Postgres {expected}: run `coda backup` with "
            "the Coda version that made them and `coda restore` with this one.",
            found=found,
            expected=expected,
        )


class EmbeddedPostgresFailed(CodaError):
    """Postgres could not be set up, started or reached."""

    kind = ErrorKind.UNAVAILABLE
    code = "postgres.failed"
