"""What a server's JSON text holds: messages of JSON-RPC, alone or several as a list. All else is passed over."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from coda.core.json_limits import JsonLimits, TooDeep, TooManyValues, check_shape

Message = Mapping[str, Any]
_LIMITS: Final = JsonLimits(values=500_000, depth=100)


def messages_in(text: bytes | str) -> Iterator[Message]:
    """Its messages; none where it is no JSON, or too deep."""
    data = text.encode() if isinstance(text, str) else text
    try:
        check_shape(data, _LIMITS)
        value = orjson.loads(data)
    except (orjson.JSONDecodeError, TooDeep, TooManyValues):
        return
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and each.get("jsonrpc") == "2.0":
            yield each


def is_request(message: Message) -> bool:
    """Whether the server wants to know something, and says under which id."""
    return isinstance(message.get("method"), str) and _is_id(message.get("id"))


def is_notification(message: Message) -> bool:
    """Whether it only tells something."""
    return isinstance(message.get("method"), str) and "id" not in message


def is_answer(message: Message, request_id: int) -> bool:
    """Whether it answers this request: with a result or an error. An error may be of a request that was not read."""
    if "method" in message or ("result" in message) is ("error" in message):
        return False
    if "error" in message and message.get("id", "") is None:
        return True
    given = message.get("id")
    is_ours = _is_id(given) and str(given) == str(request_id)
    return is_ours and ("error" in message or isinstance(message["result"], dict))


def _is_id(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, int | str) and not isinstance(value, bool)
