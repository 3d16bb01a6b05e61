"""Reads the arguments that a model wrote: JSON text, checked against the tool's schema, errors in plain words."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from coda.core.json_limits import TooDeep, TooManyValues, check_shape
from coda.tools.errors import BadArguments
from coda.tools.types import Tool

MAX_ARGUMENT_BYTES = 1_000_000
_MOST_PROBLEMS = 5
_LONGEST_VALUE = 60


def read_arguments(tool: Tool, validator: Draft202012Validator, text: str) -> dict[str, Any]:
    """Parse and validate; raises BadArguments. Empty text counts as no arguments, as some models send it."""
    if len(text) > MAX_ARGUMENT_BYTES:
        raise BadArguments(tool.name, [f"the arguments are longer than {MAX_ARGUMENT_BYTES:,} characters."])
    try:
        check_shape(text.encode("utf-8", "replace"))
        value = orjson.loads(text) if text.strip() else {}
    except (TooDeep, TooManyValues):
        raise BadArguments(tool.name, ["the arguments are nested too deeply, or hold too many values."]) from None
    except orjson.JSONDecodeError as error:
        raise BadArguments(tool.name, [f"the arguments are not valid JSON ({error})."]) from None
    if not isinstance(value, dict):
        raise BadArguments(tool.name, ["the arguments must be one JSON object."])
    problems = list(_in_words(validator.iter_errors(value)))
    if problems:
        raise BadArguments(tool.name, problems)
    return value


def schema_problem(schema: Mapping[str, Any], value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """The most telling mismatch between a value and a schema, or None."""
    error = best_match(Draft202012Validator(schema).iter_errors(value))
    return None if error is None else _sentence(error)


def _in_words(errors: Iterable[ValidationError]) -> Iterable[str]:
    for number, error in enumerate(sorted(errors, key=lambda each: [str(step) for step in each.absolute_path])):
        if number == _MOST_PROBLEMS:
            yield "And more."
            return
        yield _sentence(error)


def _sentence(error: ValidationError) -> str:
    place = ".".join(str(step) for step in error.absolute_path)
    subject = f"`{place}`" if place else "the arguments object"
    return f"{subject} {_complaint(error)}."


def _complaint(error: ValidationError) -> str:
    rule, wanted = error.validator, error.validator_value
    if rule == "type":
        kinds = wanted if isinstance(wanted, str) else " or ".join(wanted)
        return f"must be of type {kinds}, not {_short(error.instance)}"
    if rule == "enum":
        return f"must be one of {', '.join(map(str, wanted))}, not {_short(error.instance)}"
    if rule == "required":
        missing = [name for name in wanted if name not in error.instance]
        return f"lacks {', '.join(f'`{name}`' for name in missing)}"
    if rule == "additionalProperties":
        known = ", ".join(error.schema.get("properties", {}))
        unknown = ", ".join(f"`{name}`" for name in error.instance if name not in error.schema.get("properties", {}))
        return f"has unknown fields {unknown} (known: {known})"
    return f"is not accepted: {error.message[:200]}"


def _short(value: Any) -> str:  # noqa: ANN401 - any JSON value
    text = repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
