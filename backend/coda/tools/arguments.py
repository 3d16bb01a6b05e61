"""Reads the arguments that a model wrote: JSON text, checked against the tool's schema, errors in plain words."""

from typing import Any

import orjson

from coda.core.json_limits import TooDeep, TooManyValues, check_shape
from coda.tools.errors import BadArguments
from coda.tools.json_schema import JsonSchema
from coda.tools.types import Tool

MAX_ARGUMENT_BYTES = 1_000_000


def read_arguments(tool: Tool, text: str) -> dict[str, Any]:
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
    if problems := JsonSchema.of(tool.parameters).problems(value, size=len(text)):
        raise BadArguments(tool.name, problems)
    return value
