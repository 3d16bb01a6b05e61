"""Values that break programs, and where in a JSON schema they can be put."""

import json
from collections.abc import Iterator, Sequence
from copy import deepcopy
from typing import Any, Final
from uuid import uuid4

Json = dict[str, Any]
Place = tuple[str | int, ...]

HALF: Final = "half-a-character"
DEEP: Final = "deep-in-there"
TEXTS: Final = ["", "\x00", "a\x00b", "\r\n\x1b[31m\u202e", "\uffff\ufffe", "http://[", "\U0001f600" * 500, HALF, DEEP]
NUMBERS: Final = [0, -1, 2**31, 2**63, 2**64, 10**30, 1e308, -0.0, float("nan")]
VALUES: Final = [*TEXTS, *NUMBERS, [HALF], {"\x00": 1}]
WORST: Final = ["a\x00b", HALF, DEEP, 10**30, "", {"\x00": 1}]
IN_ADDRESSES: Final = ["%00", "%ED%A0%80", "9" * 30, "%0D%0A", "-1", "%E2%80%AE"]

_DEPTH: Final = 400
_PLAUSIBLE: Final = {"role": "user", "model": "demo/coda", "email": "a@example.org", "decision": "approve"}


def encoded(value: object) -> str:
    """JSON as a careless program writes it: with big integers, NUL, half characters and depth."""
    text = json.dumps(value)
    return text.replace(f'"{HALF}"', '"\\ud800"').replace(f'"{DEEP}"', "[" * _DEPTH + "]" * _DEPTH)


def hostile(
    plausible: Any,  # noqa: ANN401 - any JSON
    *,
    values: Sequence[object] = VALUES,
    keep: tuple[str, ...] = (),
) -> Iterator[tuple[str, str]]:
    """The JSON with one hostile value in each text, with the name of its place."""
    for at in _leaves(plausible):
        if at and at[0] in keep:
            continue
        for value in values:
            yield ".".join(map(str, at)), encoded(_changed(plausible, at, value))


def example(schema: Json, definitions: Json, name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """A value that the schema may well take."""
    schema = _resolved(schema, definitions)
    if "const" in schema or "enum" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {key: example(value, definitions, key) for key, value in fields.items()} or {"x": "y"}
        case "array":
            return [example(schema["items"], definitions, name)] if "items" in schema else []
        case "string":
            return str(uuid4()) if schema.get("format") == "uuid" else _PLAUSIBLE.get(name, "plain words")
    plain: Json = {"integer": max(1, schema.get("minimum", 1)), "number": 1, "boolean": True}
    return plain.get(schema.get("type", ""), {"x": "y"})


def _resolved(schema: Json, definitions: Json) -> Json:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            options = [_resolved(option, definitions) for option in schema[key]]
            return next(option for option in options if option.get("type") != "null")
    return schema


def _leaves(value: Any, at: Place = ()) -> Iterator[Place]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*at, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*at, number))
    else:
        yield at


def _changed(value: Any, at: Place, leaf: object) -> Any:  # noqa: ANN401 - any JSON
    if not at:
        return leaf
    changed = deepcopy(value)
    inner = changed
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = leaf
    return changed
