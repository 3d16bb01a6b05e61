"""Lets a field pass as it is stored while the OpenAPI document shows its shape."""

from typing import Any

from pydantic import GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class DocumentedAs:
    """An annotation: validation and rendering stay those of the annotated type, the documented schema is another's.

    For JSON that we wrote ourselves: checking every part of every message again would cost more than reading it.
    """

    def __init__(self, shape: Any) -> None:  # noqa: ANN401 - any type form, unions among them
        self._schema = TypeAdapter(shape).core_schema

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(self._schema)
