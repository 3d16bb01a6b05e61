"""The form in which an answer is asked for: whether anybody could keep to it, told before anything is asked."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from coda.gateways.answers.errors import InvalidParameter
from coda.tools.json_schema import JsonSchema, SchemaRefused

FORMS: Final = ("text", "json_object", "json_schema")


async def check_form(form: Mapping[str, Any] | None) -> None:
    """Raises InvalidParameter for a form that is none, or whose schema is no JSON Schema."""
    kind = "text" if form is None else form.get("type", "text")
    if kind not in FORMS:
        raise InvalidParameter("response_format", "The form is text, json_object or json_schema.")
    if form is None or kind != "json_schema":
        return
    told = form.get("json_schema")
    if not isinstance(told, Mapping):
        raise InvalidParameter("response_format.json_schema", "It must be an object with a `name` and a `schema`.")
    if told.get("name") is not None and not isinstance(told["name"], str):
        raise InvalidParameter("response_format.json_schema.name", "It must be a text.")
    if told.get("strict") is not None and not isinstance(told["strict"], bool):
        raise InvalidParameter("response_format.json_schema.strict", "It must be true or false.")
    schema = told.get("schema")
    if schema is None:
        return
    if not isinstance(schema, Mapping):
        raise InvalidParameter("response_format.json_schema.schema", "It must be a JSON Schema object.")
    try:
        await asyncio.to_thread(JsonSchema.of, schema)
    except SchemaRefused as error:
        message = f"This is no JSON Schema that an answer could keep to: {error}"
        raise InvalidParameter("response_format.json_schema.schema", message) from None
