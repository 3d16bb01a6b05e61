"""Keeps `.env.example` in step with the settings: `python -m checks.env_example [--write]`."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from coda.core.setting_names import setting_name
from coda.core.settings import Settings

FILE = Path(__file__).resolve().parents[2] / ".env.example"
_HEAD = """# Every setting of Coda. None is needed: copy this file to `.env` and uncomment what you want to change.
# Durations are in seconds. What stands in the environment wins over `.env`.
"""


def render() -> str:
    """The whole file, from the settings' own names, defaults and descriptions."""
    plain, groups = [], []
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, BaseModel):
            title = (group.__doc__ or name).strip().splitlines()[0]
            lines = [_line(f"CODA_{name}__{key}".upper(), inner) for key, inner in group.model_fields.items()]
            groups.append(f"\n# --- {title}\n" + "".join(lines))
        else:
            plain.append(_line(setting_name(name, field), field))
    return _HEAD + "".join(plain) + "".join(groups)


def _line(name: str, field: FieldInfo) -> str:
    comment = f"\n# {field.description}" if field.description else ""
    return f"{comment}\n# {name}={_default(field)}\n".removeprefix("\n" if not comment else "")


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is None or field.default_factory is not None or isinstance(value, SecretStr) or field.is_required():
        return ""
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}"
    return str(value)


def main() -> int:
    """Write the file, or say that it is out of date."""
    text = render()
    if "--write" in sys.argv[1:]:
        FILE.write_text(text)
    elif not FILE.is_file() or FILE.read_text() != text:
        sys.stderr.write(".env.example is out of date: run `python -m checks.env_example --write` in backend/\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
