"""Messages of JSON-RPC in the lines of a server."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from coda.core.json_limits import JsonLimits, TooDeep, TooManyValues, check_shape

Message = Mapping[str, Any]
_LIMITS: Final = JsonLimits(values=500_000, depth=100)


def messages_in(line: bytes) -> Sequence[Message]:
    """The messages of a line; none where it holds anything else."""
    try:
        check_shape(line, _LIMITS)
        value = orjson.loads(line)
    except (orjson.JSONDecodeError, TooDeep, TooManyValues):
        return ()
    each = value if isinstance(value, list) else [value]
    return [one for one in each if isinstance(one, dict) and one.get("jsonrpc") == "2.0"]


def is_request(message: Message) -> bool:
    """Whether the server wants to know something."""
    return isinstance(message.get("method"), str) and _is_id(message.get("id"))


def is_notification(message: Message) -> bool:
    """Whether it only tells something."""
    return isinstance(message.get("method"), str) and "id" not in message


def answered_id(message: Message) -> int | None:
    """Which request a message answers, with either a result or an error."""
    given = message.get("id")
    if "method" in message or ("result" in message) is ("error" in message) or not _is_id(given):
        return None
    if "result" in message and not isinstance(message["result"], dict):
        return None
    text = str(given)
    return int(text) if text.isdecimal() and text.isascii() else None


def _is_id(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, int | str) and not isinstance(value, bool)
