"""Keeps what Postgres refuses out of every statement: NUL, and halves of characters.

What people send is refused before (`core.json_limits`). What models and tools say comes in by many ways, and must
not break an answer that somebody waits for and pays for: what cannot be stored of it is left out, here, for all tables.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg.pgproto.pgproto import UUID as DriverUUID  # noqa: N811 - the library's
from sqlalchemy.engine import Dialect, Engine

from coda.core.text import is_storable, is_whole, storable, storable_json

_ESCAPED_NUL: Final = "\\u0000"
_TEXTLESS: Final = frozenset({bool, datetime, Decimal, float, int, timedelta, type(None), UUID, DriverUUID})


def keep_storable(engine: Engine) -> None:
    """Look through the parameters of every statement of an engine.

    Where they are handed to the driver, and not by an event: with one SQLAlchemy looks for listeners at each step of
    each statement, which costs more than the looking through.
    """
    dialect: Dialect = engine.dialect
    execute, execute_many = dialect.do_execute, dialect.do_executemany

    def do_execute(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ANN401 - SQLAlchemy's
        execute(cursor, statement, _clean_row(parameters), context)

    def do_executemany(cursor: Any, statement: str, parameters: Any, context: Any = None) -> None:  # noqa: ANN401 - SQLAlchemy's
        execute_many(cursor, statement, [_clean_row(row) for row in parameters], context)

    dialect.do_execute = do_execute  # type: ignore[method-assign]
    dialect.do_executemany = do_executemany  # type: ignore[method-assign]


def _clean_row(row: Sequence[Any]) -> Sequence[Any]:
    return row if _is_clean(row) else tuple(map(_clean, row))


def _is_clean(values: Sequence[Any]) -> bool:
    """Asked of every parameter of every statement: what has no text in it is told by one look at the types."""
    if _TEXTLESS.issuperset(map(type, values)):
        return True
    for value in values:
        if type(value) in _TEXTLESS:
            continue
        if isinstance(value, str):
            if "\0" in value or _ESCAPED_NUL in value or not (value.isascii() or is_whole(value)):
                return False
        elif isinstance(value, list) and not _is_clean(value):
            return False
    return True


def _is_storable(text: str) -> bool:
    return _ESCAPED_NUL not in text and is_storable(text)


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
