"""Input items of this wire as the messages of a chat completion."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from coda.gateways.answers.errors import InvalidParameter

Item = Mapping[str, Any]
_ROLES: Final = frozenset({"user", "assistant", "system", "developer"})
_LONGEST_SHOWN: Final = 40


def as_items(given: str | Sequence[Item]) -> list[dict[str, Any]]:
    """The input as items: a text is a message of the user's."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}]
    return [dict(item) for item in given]


def kind_of(item: Item) -> str:
    """The item's type; messages and references may leave it out."""
    return str(item.get("type") or ("message" if "role" in item else "item_reference"))


def chat_messages(items: Sequence[Item], *, at: str = "input") -> list[dict[str, Any]]:
    """The messages that the items mean, in the form of /v1/chat/completions; raises InvalidParameter.

    `at`: the parameter in which the items stand. Reasoning is passed over: no provider takes another's.
    """
    messages: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        kind = kind_of(item)
        reader = _READERS.get(kind)
        if reader is not None:
            reader(item, messages, f"{at}[{number}]")
        elif kind != "reasoning":
            shown = kind[:_LONGEST_SHOWN]
            raise InvalidParameter(f"{at}[{number}].type", f"Items of the type {shown!r} are not supported.")
    return messages


def _message(item: Item, messages: list[dict[str, Any]], at: str) -> None:
    role = item.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        raise InvalidParameter(f"{at}.role", f"The role {str(role)[:_LONGEST_SHOWN]!r} is not supported.")
    content = item.get("content")
    if not isinstance(content, str):
        content = _parts(content, f"{at}.content")
    messages.append({"role": role, "content": content})


def _parts(content: object, at: str) -> list[dict[str, Any]]:
    if not isinstance(content, list):
        raise InvalidParameter(at, "Content is a text or a list of parts.")
    return [_part(part, f"{at}[{number}]") for number, part in enumerate(content)]


def _part(part: object, at: str) -> dict[str, Any]:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(part, Mapping):
        raise InvalidParameter(at, "A part is an object.")
    match kind:
        case "input_text" | "output_text" | "text":
            return {"type": "text", "text": _text(part, "text", at)}
        case "refusal":
            return {"type": "text", "text": _text(part, "refusal", at)}
        case "input_image":
            image = {"url": _text(part, "image_url", at)}
            return {"type": "image_url", "image_url": image | _given(part, "detail")}
        case "input_file" if isinstance(part.get("file_data"), str):
            return {"type": "file", "file": {"file_data": part["file_data"], **_given(part, "filename")}}
    raise InvalidParameter(f"{at}.type", f"Parts of the type {str(kind)[:_LONGEST_SHOWN]!r} are not supported.")


def _given(part: Item, name: str) -> dict[str, Any]:
    return {name: part[name]} if part.get(name) is not None else {}


def _text(part: Item, name: str, at: str) -> str:
    text = part.get(name)
    if not isinstance(text, str):
        raise InvalidParameter(f"{at}.{name}", f"`{name}` must be a text.")
    return text


def _call(item: Item, messages: list[dict[str, Any]], at: str) -> None:
    """Calls that follow one another, or what the model said, are of one message."""
    function = {"name": _text(item, "name", at), "arguments": _text(item, "arguments", at)}
    call = {"id": _text(item, "call_id", at), "type": "function", "function": function}
    if not messages or messages[-1]["role"] != "assistant":
        messages.append({"role": "assistant", "content": None})
    messages[-1].setdefault("tool_calls", []).append(call)


def _result(item: Item, messages: list[dict[str, Any]], at: str) -> None:
    output = item.get("output")
    content = output if isinstance(output, str) else _parts(output, f"{at}.output")
    messages.append({"role": "tool", "tool_call_id": _text(item, "call_id", at), "content": content})


_READERS: Final[Mapping[str, Callable[[Item, list[dict[str, Any]], str], None]]] = {
    "message": _message,
    "function_call": _call,
    "function_call_output": _result,
}


@dataclass(frozen=True, slots=True)
class ListWanted:
    """Which items of a list: `limit` of them behind the one of this id."""

    newest_first: bool
    limit: int
    after: str | None


def listed(items: Sequence[Item], *, key: UUID, wanted: ListWanted) -> dict[str, Any]:
    """The items of a request as a list of this API: each has an id, and content in parts."""
    data = [_listed(item, f"in_{key.hex}{at:02d}") for at, item in enumerate(items)]
    if wanted.newest_first:
        data.reverse()
    ids = [item["id"] for item in data]
    begin = ids.index(wanted.after) + 1 if wanted.after in ids else 0
    has_more = len(data) > begin + wanted.limit
    data = data[begin : begin + wanted.limit]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return {"object": "list", "data": data, **ends, "has_more": has_more}


def _listed(item: Item, own_id: str) -> dict[str, Any]:
    shown = {"id": own_id, "type": kind_of(item), **item}
    if shown["type"] == "message" and isinstance(shown["content"], str):
        kind = "output_text" if shown["role"] == "assistant" else "input_text"
        shown["content"] = [{"type": kind, "text": shown["content"]}]
    return shown
