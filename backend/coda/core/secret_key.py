"""The instance's secret key: given by CODA_SECRET_KEY, or made once in the data folder of the embedded mode."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from coda.core.errors import CodaError, ErrorKind
from coda.core.settings import Settings

_SHORTEST = 32


class SecretKeyMissing(CodaError):
    """With a database of its own an instance must be told its key: every process needs the same."""

    kind = ErrorKind.INVALID
    code = "core.secret_key_missing"

    def __init__(self) -> None:
        super().__init__(
            "CODA_SECRET_KEY must be set when CODA_DATABASE_URL is; make one with: openssl rand -base64 48"
        )


class SecretKeyWeak(CodaError):
    """The key could be guessed."""

    kind = ErrorKind.INVALID
    code = "core.secret_key_weak"

    def __init__(self) -> None:
        super().__init__(f"CODA_SECRET_KEY must have at least {_SHORTEST} characters.")


def with_secret_key(settings: Settings) -> Settings:
    """The settings with a secret key in them. Raises SecretKeyMissing or SecretKeyWeak."""
    if settings.secret_key is not None:
        if len(settings.secret_key.get_secret_value()) < _SHORTEST:
            raise SecretKeyWeak
        return settings
    if settings.database_url is not None:
        raise SecretKeyMissing
    return settings.model_copy(update={"secret_key": SecretStr(_stored_key(settings.data_dir.expanduser()))})


def secret_key_file(data_dir: Path) -> Path:
    """Where the embedded mode keeps the key; a backup needs it to read sealed provider keys."""
    return data_dir / "secret.key"


def _stored_key(data_dir: Path) -> str:
    path = secret_key_file(data_dir)
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}")
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # fails when another process was first, and never replaces its key
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()
