"""Reads the calls that stand between two marks of a model's text."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

Parameters = Mapping[str, Any]
Call = tuple[str, str]
_ARGUMENTS: Final = ("arguments", "parameters", "input", "args", "params")
_MOST_CALLS: Final = 64
_MOST_BETWEEN: Final = 60
_DECODER: Final = json.JSONDecoder(strict=False)


def calls_between(body: str, tools: Mapping[str, Parameters]) -> list[Call]:
    """The calls, as name and JSON object; none where anything in them is not understood."""
    for read in (_json_calls, _xml_calls, _named_calls):
        calls = list(read(body, tools))
        if calls and all(name in tools for name, _ in calls):
            return calls[:_MOST_CALLS]
    return []


def _json_calls(body: str, _tools: Mapping[str, Parameters]) -> Iterator[Call]:
    """`{"name": ..., "arguments": {...}}`, one after the other or in a list."""
    for value in _json_values(body):
        for call in value if isinstance(value, list) else [value]:
            inner = call.get("function") if isinstance(call, dict) else None
            call = inner if isinstance(inner, dict) else call
            if isinstance(call, dict) and isinstance(call.get("name"), str):
                yield call["name"].removeprefix("functions."), _object(call)


def _object(call: Mapping[str, Any]) -> str:
    arguments: Any = next((call[key] for key in _ARGUMENTS if key in call), {})
    if isinstance(arguments, str):
        try:
            arguments = orjson.loads(arguments)
        except ValueError:
            return str(arguments)
    return json.dumps(arguments, ensure_ascii=False)


def _json_values(body: str) -> Iterator[Any]:
    """The JSON objects and lists in a text that holds little else."""
    end = 0
    for place, character in enumerate(body):
        if character not in "{[" or place < end:
            continue
        try:
            value, end = _DECODER.raw_decode(body, place)
        except (ValueError, RecursionError):
            return
        yield value


def _xml_calls(body: str, tools: Mapping[str, Parameters]) -> Iterator[Call]:
    """`<function=name>` or `<invoke name="name">` around `<parameter=key>value</parameter>`, or around JSON."""
    for opening, closing in (("<function=", "</function>"), ("<invoke name=", "</invoke>")):
        for piece in body.split(opening)[1:]:
            head, _, inner = piece.partition(">")
            name = head.strip().strip("\"'")
            inner = inner.partition(closing)[0]
            arguments = next(iter(_json_values(inner)), None) if "<parameter" not in inner else None
            if not isinstance(arguments, dict):
                arguments = dict(_parameters(inner, tools.get(name, {})))
            yield name, json.dumps(arguments, ensure_ascii=False)


def _parameters(inner: str, schema: Parameters) -> Iterator[tuple[str, Any]]:
    properties = schema.get("properties")
    for piece in inner.split("<parameter")[1:]:
        head, _, value = piece.partition(">")
        key = head.strip().removeprefix("=").strip().removeprefix("name=").strip("\"' ")
        wanted = properties.get(key) if isinstance(properties, Mapping) else None
        yield key, _value(value.partition("</parameter>")[0].strip("\n"), wanted)


def _value(text: str, schema: object) -> Any:  # noqa: ANN401 - any JSON value
    """The text itself where the tool wants text, else what it means as JSON."""
    if isinstance(schema, Mapping) and schema.get("type") == "string":
        return text
    try:
        return orjson.loads(text)
    except ValueError:
        return text


def _named_calls(body: str, tools: Mapping[str, Parameters]) -> Iterator[Call]:
    """A tool's name, a few marks, and a JSON object."""
    at = 0
    while (opening := body.find("{", at)) >= 0:
        before = body[max(at, opening - _MOST_BETWEEN) : opening]
        named = max(((before.rfind(name), len(name), name) for name in tools), default=(-1, 0, ""))
        try:
            arguments, at = _DECODER.raw_decode(body, opening)
        except (ValueError, RecursionError):
            return
        if named[0] < 0 or not isinstance(arguments, dict):
            return
        yield named[2], json.dumps(arguments, ensure_ascii=False)
