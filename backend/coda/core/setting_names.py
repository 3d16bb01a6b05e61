"""The names by which settings are known, and which names in the environment none of them has."""

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from pydantic import AliasChoices, BaseModel
from pydantic.fields import FieldInfo

from coda.core.patterns import Pattern
from coda.core.settings import Settings

_PREFIX: Final = "CODA_"
_ELSEWHERE: Final = frozenset({
    "CODA_API_KEY", "CODA_BACKEND", "CODA_CHROMIUM", "CODA_COMMAND", "CODA_DOMAIN", "CODA_IMAGE", "CODA_MODEL",
    "CODA_TEST_KILL_POINTS", "CODA_UPSTREAM", "CODA_URL", "CODA_USER_PASSWORD",
})  # fmt: skip
"""Names that commands, compose files, examples and tests read, and no setting."""
_OF_KUBERNETES: Final = Pattern(r"^CODA_(?:[A-Z0-9_]*_)?(?:SERVICE_(?:HOST|PORT)|PORT_\d+_(?:TCP|UDP))")
"""What Kubernetes tells every container of the services beside it."""
_ALIKE: Final = 0.75


def setting_name(name: str, field: FieldInfo) -> str:
    """What a setting is called in the environment."""
    alias = field.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{_PREFIX}{name.upper()}"


def setting_names() -> Iterator[str]:
    """Of all settings, those of groups too."""
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            yield from (f"{_PREFIX}{name}__{inner}".upper() for inner in group.model_fields)
        else:
            yield setting_name(name, field)


def unknown_names() -> Mapping[str, str | None]:
    """Names that begin like ours and are none, in the environment and in `.env`, with the one that may be meant."""
    env_file = Path(str(Settings.model_config.get("env_file")))
    written = dotenv_values(env_file) if env_file.is_file() else {}
    return _unknown({*os.environ, *written})


def _unknown(given: Iterable[str]) -> Mapping[str, str | None]:
    known = {name.upper() for name in setting_names()}
    ours = sorted(name for name in given if name.upper().startswith(_PREFIX))
    return {
        name: _meant(name.upper(), known)
        for name in ours
        if name.upper() not in known | _ELSEWHERE and not _OF_KUBERNETES.search(name.upper())
    }


def _meant(name: str, known: Iterable[str]) -> str | None:
    """`CODA_OPENAI_API_KEY` has a letter too many in its own way: the name that others use has no prefix."""
    bare = name.removeprefix(_PREFIX)
    names = set(known)
    if bare in names:
        return bare
    grouped = next((each for each in names if each.endswith(f"__{bare}")), None)
    return grouped or next(iter(difflib.get_close_matches(name, names, n=1, cutoff=_ALIKE)), None)
