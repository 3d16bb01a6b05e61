"""The sentence, the code and the status in an error body, whatever its form."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from coda.llm.adapters.decoding.lenient_json import loads

_SENTENCES: Final = ("message", "detail", "msg", "Message", "error_description", "error_message", "error_msg",
                     "status_msg", "faultstring", "reason", "title", "description")  # fmt: skip
_HOLDERS: Final = ("error", "errors", "detail", "base_resp", "fault", "response", "data", "innererror", "inner_error")
_CODES: Final = ("code", "type", "status", "Code", "error_code", "status_code", "error_type", "reason", "__type")
_GENERAL: Final = ("", "provider returned error", "error", "bad request", "internal server error", "upstream error")
_DEEPEST: Final = 6
_LONGEST_STATUS: Final = 3
_LONGEST_FIELD: Final = 100


class ErrorWords(NamedTuple):
    """What an error says; `codes` are in lower case, `status` is an HTTP status within the body.

    `param`: the field of the request that it is about.
    """

    said: str | None
    codes: tuple[str, ...] = ()
    status: int | None = None
    param: str | None = None


NOTHING: Final = ErrorWords(None)


def read_body(body: bytes) -> ErrorWords:
    """The words of an error's body; a page or binary data says nothing."""
    try:
        return read_error(loads(body))
    except ValueError:
        text = body.decode("utf-8", "replace").strip()
        return ErrorWords(text) if text and not text.startswith("<") and text.isprintable() else NOTHING


def read_error(value: Any) -> ErrorWords:  # noqa: ANN401 - whatever JSON the provider sent
    """The words of an error that was parsed."""
    if isinstance(value, str):
        text = value.strip()
        return NOTHING if text.lower() in _GENERAL else ErrorWords(text)
    found = list(_objects(value, 0))
    codes = [code for each in found for key in _CODES if (code := each.get(key)) not in (None, "")]
    statuses = [status for code in codes if (status := _status(code)) is not None]
    said = [sentence for each in found if (sentence := _sentence(each))]
    telling = next((text for text in said if text.lower().rstrip(".") not in _GENERAL), None)
    return ErrorWords(
        telling or next(iter(said), None) or (value.get("error") if _is_text(value, "error") else None),
        tuple(code.lower() for code in codes if isinstance(code, str)),
        next(iter(statuses), None),
        next((name for each in found if (name := _field(each))), None),
    )


def says_error(chunk: Mapping[str, Any]) -> bool:
    """Whether an answer without any choice is an error: it says something, or calls itself one."""
    if chunk.get("object") == "error" or chunk.get("type") == "error":
        return True
    resp = chunk.get("base_resp")
    if isinstance(resp, dict):
        return bool(resp.get("status_code"))
    return any(_is_text(chunk, key) for key in _SENTENCES[:9]) or any(chunk.get(key) for key in _HOLDERS[:3])


def _objects(value: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - whatever JSON the provider sent
    """The objects of an error, the innermost first: a gateway wraps what the provider behind it said."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for each in value[:3]:
            yield from _objects(each, depth + 1)
    if not isinstance(value, dict):
        return
    metadata = value.get("metadata")
    if isinstance(metadata, dict):
        yield from _raw(metadata.get("raw"), depth)
    message = value.get("message")
    if isinstance(message, str) and message.startswith(("{", "[")):
        yield from _raw(message, depth)
    for key in _HOLDERS:
        yield from _objects(value.get(key), depth + 1)
    yield value


def _raw(raw: Any, depth: int) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - whatever JSON the provider sent
    """OpenRouter's copy of what the provider behind it said."""
    if isinstance(raw, str):
        try:
            raw = loads(raw.encode("utf-8", "replace"))
        except ValueError:
            raw = {"message": raw}
    yield from _objects(raw, depth + 1)


def _sentence(value: Mapping[str, Any]) -> str | None:
    """What is said, with the field that it is said of."""
    if _is_text(value, "error"):
        return str(value["error"]).strip()
    said = next((str(value[key]).strip() for key in _SENTENCES if _is_text(value, key)), None)
    name = _field(value)
    return said if said is None or not name or name in said else f"{name}: {said}"


def _field(value: Mapping[str, Any]) -> str:
    """The field that is told of, in the forms of OpenAI and of FastAPI."""
    field = value.get("loc") or value.get("param")
    name = ".".join(map(str, field[1:] or field)) if isinstance(field, list) else str(field or "")
    return name[:_LONGEST_FIELD]


def _is_text(value: Any, key: str) -> bool:  # noqa: ANN401 - whatever JSON the provider sent
    return isinstance(value, dict) and isinstance(value.get(key), str) and bool(value[key].strip())


def _status(code: object) -> int | None:
    if isinstance(code, str) and code.isascii() and code.isdigit() and len(code) == _LONGEST_STATUS:
        code = int(code)
    is_status = isinstance(code, int) and not isinstance(code, bool) and 400 <= code <= 599
    return code if is_status and isinstance(code, int) else None
