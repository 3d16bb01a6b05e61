"""Reduces an OpenAPI document to plain facts, so that two documents that say the same compare equal.

One fact a line, as in `POST /api/v1/sessions -> 201 .title: string or null, required`. Names of schemas, texts and
bounds make no difference.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
_COMPARED_FORMATS = ("uuid", "date-time")
_JSON = "application/json"

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document."""

    content: dict[str, Any]

    def operations(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every operation by `METHOD /path`."""
        for path, item in self.content["paths"].items():
            for method in METHODS:
                if method in item:
                    yield f"{method.upper()} {path}", item[method]

    def facts(self, operation: dict[str, Any]) -> set[str]:
        """All that a client relies on in one operation."""
        return {
            f"operationId {operation['operationId']}",
            *self._parameters(operation),
            *self._request(operation),
            *self._responses(operation),
        }

    def resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        """What a reference leads to, or the node itself."""
        while "$ref" in node:
            target: Any = self.content
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _parameters(self, operation: dict[str, Any]) -> Iterator[str]:
        for parameter in operation.get("parameters", ()):
            need = "required" if parameter.get("required") else "optional"
            name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
            kinds = self._kinds(parameter["schema"]) - {"null"}
            yield f"{parameter['in']} parameter {name}: {_join(kinds)}, {need}"

    def _request(self, operation: dict[str, Any]) -> Iterator[str]:
        body = operation.get("requestBody")
        if body:
            yield f"request body {'required' if body.get('required') else 'optional'}"
            yield from (f"request as {kind}" for kind in body["content"])
            if _JSON in body["content"]:
                yield from self._described("request ", body["content"][_JSON]["schema"], is_request=True)

    def _responses(self, operation: dict[str, Any]) -> Iterator[str]:
        for status, reference in operation["responses"].items():
            response = self.resolve(reference)
            kinds = response.get("content", {})
            yield f"-> {status} {_join(set(kinds))}".rstrip()
            if status.startswith("2") and _JSON in kinds:
                yield from self._described(f"-> {status} ", kinds[_JSON]["schema"], is_request=False)

    def _described(self, where: str, schema: Schema, *, is_request: bool) -> Iterator[str]:
        """Facts of a schema and of everything inside it."""
        for label, alternative in self._objects(schema):
            here = where + label
            if is_request and "properties" in alternative:
                refuses = alternative.get("additionalProperties") is False
                yield f"{here} {'refuses' if refuses else 'ignores'} unknown fields"
            required = alternative.get("required", ())
            for name, inner in alternative.get("properties", {}).items():
                need = "required" if name in required else "optional"
                yield f"{here}.{name}: {_join(self._kinds(inner))}, {need}"
                yield from self._described(f"{here}.{name}", inner, is_request=is_request)

    def _objects(self, schema: Schema) -> Iterator[tuple[str, Schema]]:
        """The objects that a schema leads to without naming a field: alternatives, items, values."""
        alternatives = [each for each in self._alternatives(schema) if each.get("type") != "null"]
        objects = [each for each in alternatives if _is(each, "object")]
        for each in objects:
            constant = each.get("properties", {}).get("type", {}).get("const")
            yield (f"({constant})" if constant else ""), each
            values = each.get("additionalProperties")
            if isinstance(values, dict):
                yield from ((f".*{label}", inner) for label, inner in self._objects(values))
        for each in alternatives:
            if _is(each, "array"):
                yield from ((f"[]{label}", inner) for label, inner in self._objects(each["items"]))

    def _alternatives(self, schema: Schema) -> Iterator[Schema]:
        resolved = self._merged(self.resolve(schema))
        branches = resolved.get("oneOf") or resolved.get("anyOf")
        if branches is None:
            yield resolved
        else:
            for branch in branches:
                yield from self._alternatives(branch)

    def _merged(self, schema: Schema) -> Schema:
        """A schema that `allOf` puts together, as one."""
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema.get("allOf", ()):
            inner = self._merged(self.resolve(part))
            properties = {**merged.get("properties", {}), **inner.get("properties", {})}
            required = [*merged.get("required", ()), *inner.get("required", ())]
            merged = {**inner, **merged, "properties": properties, "required": required}
        return merged

    def _kinds(self, schema: Schema) -> set[str]:
        return {kind for each in self._alternatives(schema) for kind in self._kinds_of_one(each)}

    def _kinds_of_one(self, schema: Schema) -> Iterator[str]:
        if "const" in schema or "enum" in schema:
            for value in [schema["const"]] if "const" in schema else schema["enum"]:
                yield "null" if value is None else repr(value)
            return
        kinds = schema.get("type", "anything")
        for kind in kinds if isinstance(kinds, list) else [kinds]:
            if kind == "array":
                yield f"[{_join(self._kinds(schema['items']))}]"
            elif kind == "string" and schema.get("format") in _COMPARED_FORMATS:
                yield schema["format"]
            else:
                yield kind


def _is(schema: Schema, kind: str) -> bool:
    kinds = schema.get("type", ())
    return kind == kinds or kind in kinds


def _join(kinds: set[str]) -> str:
    return " or ".join(sorted(kinds))
