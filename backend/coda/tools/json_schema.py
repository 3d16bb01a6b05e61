"""JSON Schema: a schema that is compiled once, and what it finds wrong with a value, in words.

Schemas may come from servers of other people: nothing is fetched for a `$ref`, and their patterns never backtrack.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Final, NoReturn

import jsonschema_rs
import orjson

_MOST_PROBLEMS: Final = 5
_LONGEST_VALUE: Final = 60
_LARGEST_LISTED: Final = 16_000
"""Bytes of a value of which all problems are listed; of a larger one only the first, as each takes time."""
_CACHED: Final = 512


class SchemaRefused(ValueError):
    """This is no JSON Schema, or one that needs what is not fetched for it."""


class JsonSchema:
    """A schema of the 2020-12 draft; raises SchemaRefused."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        try:
            self._validator = jsonschema_rs.Draft202012Validator(
                dict(schema), retriever=_fetch_nothing, pattern_options=jsonschema_rs.RegexOptions(), mask="it"
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise SchemaRefused(str(error).partition("\n")[0][:300]) from None

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> "JsonSchema":
        """The schema, compiled only where it was not before."""
        return _compiled(orjson.dumps(schema))

    def problems(self, value: Any, *, size: int) -> list[str]:  # noqa: ANN401 - any JSON value
        """A sentence for each thing that is wrong, at most some; `size` is that of the value in bytes, about."""
        try:
            if self._validator.is_valid(value):
                return []
            errors = self._validator.iter_errors(value) if size <= _LARGEST_LISTED else self._first_error(value)
            return list(islice(self._in_words(errors), _MOST_PROBLEMS + 1))
        except ValueError as error:
            return [f"it is no JSON value ({str(error)[:100]})."]

    def _first_error(self, value: Any) -> Iterator[jsonschema_rs.ValidationError]:  # noqa: ANN401 - any JSON value
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            yield error

    def _in_words(self, errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[str]:
        missing: dict[tuple[str, ...], list[str]] = {}
        others: list[tuple[tuple[str, ...], str]] = []
        for error in errors:
            place = tuple(map(str, error.instance_path))
            if error.kind.name == "required":
                missing.setdefault(place, []).append(f"`{error.kind.as_dict()['property']}`")
            else:
                others.append((place, self._complaint(error)))
        lacking = [(place, f"lacks {', '.join(names)}") for place, names in missing.items()]
        for number, (place, complaint) in enumerate(sorted([*lacking, *others], key=lambda each: each[0])):
            if number == _MOST_PROBLEMS:
                yield "And more."
                return
            subject = f"`{'.'.join(place)}`" if place else "the arguments object"
            yield f"{subject} {complaint}."

    def _complaint(self, error: jsonschema_rs.ValidationError) -> str:
        rule, details = error.kind.name, error.kind.as_dict()
        if rule == "type":
            kinds = self._rule(error) or details["types"]
            named = kinds if isinstance(kinds, str) else " or ".join(kinds)
            return f"must be of type {named}, not {_short(error.instance)}"
        if rule == "enum":
            return f"must be one of {', '.join(map(str, details['options']))}, not {_short(error.instance)}"
        if rule == "additionalProperties":
            known = ", ".join(self._at(error.schema_path[:-1]).get("properties", {}))
            unknown = ", ".join(f"`{name}`" for name in details["unexpected"])
            return f"has unknown fields {unknown} (known: {known})"
        if rule == "falseSchema":
            return "is an unknown field"
        return f"is not accepted: {error.message[:200]}"

    def _rule(self, error: jsonschema_rs.ValidationError) -> Any:  # noqa: ANN401 - any JSON value
        """What the schema asks for there, in its own order."""
        return self._at(error.schema_path[:-1]).get(str(error.schema_path[-1])) if error.schema_path else None

    def _at(self, path: Iterable[str | int]) -> Mapping[str, Any]:
        """The part of the schema at a path; nothing where the path leads through a reference."""
        part: Any = self._schema
        for step in path:
            is_known = step in part if isinstance(part, Mapping) else isinstance(part, list) and isinstance(step, int)
            part = part[step] if is_known else {}
        return part if isinstance(part, Mapping) else {}


@lru_cache(maxsize=_CACHED)
def _compiled(schema: bytes) -> JsonSchema:
    return JsonSchema(orjson.loads(schema))


def _fetch_nothing(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not fetched")


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping | list) and len(value) > _LONGEST_VALUE:
        return "an object" if isinstance(value, Mapping) else "a list"
    text = repr(value[: 2 * _LONGEST_VALUE] if isinstance(value, str) else value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
