"""Keeps what Postgres refuses out of every statement: NUL, and halves of characters.

What people send is refused before (`core.json_limits`). What models and tools say comes in by many ways, and must
not break an answer that somebody waits for and pays for: what cannot be stored of it is left out, here, for all tables.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import event
from sqlalchemy.engine import Engine

from coda.core.text import storable, storable_json

_ESCAPED_NUL = "\\u0000"


def keep_storable(engine: Engine) -> None:
    """Look through the parameters of every statement of an engine."""
    event.listen(engine, "before_cursor_execute", _clean_parameters, retval=True)


def _clean_parameters(*arguments: Any) -> tuple[str, Any]:  # noqa: ANN401 - SQLAlchemy's: connection, cursor, ...
    statement, parameters, executes_many = arguments[2], arguments[3], arguments[5]
    if executes_many and isinstance(parameters, list):  # rows in one VALUES are one flat tuple
        return statement, [_clean_row(row) for row in parameters]
    return statement, _clean_row(parameters)


def _clean_row(row: Sequence[Any]) -> Sequence[Any]:
    return row if all(map(_is_clean, row)) else tuple(map(_clean, row))


def _is_clean(value: object) -> bool:
    if isinstance(value, str):
        return _is_storable(value)
    return not isinstance(value, list) or all(map(_is_clean, value))


def _is_storable(text: str) -> bool:
    if "\0" in text or _ESCAPED_NUL in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _clean(value: Any) -> Any:  # noqa: ANN401 - any parameter
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if not isinstance(value, str) or _is_storable(value):
        return value
    text = storable(value)
    return _clean_json(text) if _ESCAPED_NUL in text else text


def _clean_json(text: str) -> str:
    """JSON whose texts hold NUL, for a jsonb column; any other text that has these six characters stays as it is."""
    try:
        return orjson.dumps(storable_json(orjson.loads(text))).decode()
    except ValueError:
        return text
