"""Commands as the API and the settings take and show them, and as they are stored: secrets apart from all else."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Final, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, TypeAdapter, ValidationError

from coda.core.entered_secrets import hint_of
from coda.tools.sources.errors import SourceInvalid
from coda.tools.sources.started.errors import CommandSecretsNeeded, ServersSettingInvalid

STDIO: Final = "mcp_stdio"
"""The kind of sources that are commands."""
ServerState = Literal["running", "idle", "restarting", "stopped"]
_STATES: Final[tuple[ServerState, ...]] = ("running", "idle", "restarting", "stopped")
"""Of several workers' servers the first of these is told."""
_MOST_ARGUMENTS: Final = 100
_MOST_VARIABLES: Final = 50
_OF_WHICH_SECRETS_ARE: Final = ("command", "args", "cwd", "env")

Program = Annotated[str, StringConstraints(pattern=r"^(/.*|[^/]+)$", min_length=1, max_length=1000)]
Argument = Annotated[str, Field(max_length=4000)]
Folder = Annotated[str, StringConstraints(pattern=r"^/", max_length=1000)]
Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
Value = Annotated[str, Field(max_length=4000)]
SecretValue = Annotated[SecretStr, Field(min_length=1, max_length=4000)]


def server_state(states: Collection[str]) -> ServerState:
    """One word for the servers of all workers."""
    return next((state for state in _STATES if state in states), "stopped")


class StdioEntry(BaseModel):
    """A command that speaks MCP over stdin and stdout: a name on the PATH or a full path, and no shell between.

    Of Coda's own environment it sees PATH, HOME, LANG and the like. `secrets` are variables that are kept sealed; null
    keeps the one that is stored. Seconds: for a start with the first answer, and for a call.
    """

    model_config = ConfigDict(extra="forbid")

    command: Program
    args: Annotated[list[Argument], Field(max_length=_MOST_ARGUMENTS)] = []
    cwd: Folder | None = None
    env: Annotated[dict[Variable, Value], Field(max_length=_MOST_VARIABLES)] = {}
    secrets: Annotated[dict[Variable, SecretValue | None], Field(max_length=_MOST_VARIABLES)] = {}
    start_seconds: Annotated[float, Field(ge=1, le=120)] = 30
    call_seconds: Annotated[float, Field(ge=1, le=600)] = 30


class StdioRead(BaseModel):
    """A command. `secrets`: how each ends. `is_fixed`: a setting names it, and it is changed there."""

    command: str
    args: list[str]
    cwd: str | None
    env: dict[str, str]
    secrets: dict[str, str | None]
    start_seconds: float
    call_seconds: float
    is_fixed: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Self:
        """From what is stored."""
        return cls.model_validate({"is_fixed": False, **config})


class NamedServer(BaseModel):
    """A command as other programs' configuration files have it; all of its variables are taken for secret."""

    model_config = ConfigDict(extra="forbid")

    command: Program
    args: Annotated[list[Argument], Field(max_length=_MOST_ARGUMENTS)] = []
    cwd: Folder | None = None
    env: Annotated[dict[Variable, SecretValue], Field(max_length=_MOST_VARIABLES)] = {}

    def entered(self) -> StdioEntry:
        """As if somebody had entered it."""
        return StdioEntry(command=self.command, args=self.args, cwd=self.cwd, secrets=dict(self.env))


_NAMED: Final = TypeAdapter(dict[Annotated[str, StringConstraints(min_length=1, max_length=60)], NamedServer])


def servers_of(setting: SecretStr | None) -> Mapping[str, StdioEntry]:
    """The commands that the setting names; raises ServersSettingInvalid without telling what is in it."""
    text = "{}" if setting is None else setting.get_secret_value()
    try:
        return {name: server.entered() for name, server in _NAMED.validate_json(text).items()}
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ServersSettingInvalid(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def stored(
    entered: StdioEntry, *, before: Mapping[str, Any] | None = None, secret: str | None = None
) -> tuple[dict[str, Any], str | None]:
    """What is shown of a command and what is to be sealed; `before` and `secret`: what there was.

    Raises SourceInvalid, CommandSecretsNeeded.
    """
    values = _values(entered, {} if secret is None else orjson.loads(secret))
    if not values.keys().isdisjoint(entered.env):
        raise SourceInvalid("A variable is either secret or not.", field="stdio")
    config = entered.model_dump(mode="json", exclude={"secrets"})
    is_kept = None in entered.secrets.values()
    if is_kept and any(config[key] != (before or {}).get(key) for key in _OF_WHICH_SECRETS_ARE):
        raise CommandSecretsNeeded
    config["secrets"] = {name: hint_of(value) for name, value in values.items()}
    return config, orjson.dumps(values).decode() if values else None


def _values(entered: StdioEntry, known: Mapping[str, str]) -> dict[str, str]:
    values = {}
    for name, value in entered.secrets.items():
        if value is None and name not in known:
            raise SourceInvalid(f"There is no secret {name} yet.", field="stdio")
        values[name] = known[name] if value is None else value.get_secret_value()
    if any("\0" in value for value in values.values()):
        raise SourceInvalid("A variable holds no NUL.", field="stdio")
    return values
