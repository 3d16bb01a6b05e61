"""The command of a server: what is started, where, and with which environment."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from coda.tools.mcp.stdio.errors import CommandUnusable
from coda.tools.sources.types import Source

START_SECONDS: Final = 30.0
CALL_SECONDS: Final = 30.0
_PASSED_ON: Final = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE",
)  # fmt: skip
"""What a server sees of Coda's own environment; all else it is given."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its arguments; no shell reads them. `secrets` are part of its environment."""

    program: str
    arguments: tuple[str, ...] = ()
    folder: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    start_seconds: float = START_SECONDS
    call_seconds: float = CALL_SECONDS

    @classmethod
    def of(cls, source: Source) -> "Command":
        """The command of a source."""
        return cls.read(source.config, source.secret)

    @classmethod
    def read(cls, config: Mapping[str, Any], secret: str | None = None) -> "Command":
        """From what is stored."""
        return cls(
            program=config["command"],
            arguments=tuple(config.get("args", ())),
            folder=config.get("cwd"),
            environment=config.get("env", {}),
            secrets={} if secret is None else orjson.loads(secret),
            start_seconds=config.get("start_seconds", START_SECONDS),
            call_seconds=config.get("call_seconds", CALL_SECONDS),
        )

    @property
    def digest(self) -> str:
        """Tells commands apart, their secrets included."""
        told = [self.program, self.arguments, self.folder, self.environment, self.secrets]
        return sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()

    @property
    def full_environment(self) -> dict[str, str]:
        """All that the server sees."""
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return {**passed, **self.environment, **self.secrets}

    def located(self) -> list[str]:
        """The command by its full path, with its arguments; raises CommandUnusable where it cannot be started here."""
        if self.folder is not None and not Path(self.folder).is_dir():
            raise CommandUnusable(f"There is no folder {self.folder}.")
        found = shutil.which(self.program, path=self.full_environment.get("PATH"))
        if found is None:
            raise CommandUnusable(f"There is no command {self.program}.")
        return [found, *self.arguments]
