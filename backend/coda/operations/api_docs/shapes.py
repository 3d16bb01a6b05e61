"""JSON Schema in words: the type of a value, the fields of an object, with links between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from coda.core.patterns import Pattern

Schema = Mapping[str, Any]
_CODE = Pattern(r"`([^`]+)`")
_LIMITS = {
    "minLength": "at least {} characters", "maxLength": "at most {} characters", "minimum": "from {}",
    "maximum": "up to {}", "minItems": "at least {} items", "maxItems": "at most {} items", "pattern": "like {}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object, or one parameter."""

    name: str
    type_html: str
    is_required: bool
    note_html: str


def type_html(schema: Schema) -> str:
    """The type as HTML; a named type links to its description."""
    if "$ref" in schema:
        name = escape(str(schema["$ref"]).rsplit("/", 1)[-1])
        return f'<a href="#type-{name}">{name}</a>'
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(type_html(option) for option in schema[key]))
    if "allOf" in schema:
        return " &amp; ".join(type_html(option) for option in schema["allOf"])
    if "const" in schema:
        return f"<q>{escape(str(schema['const']))}</q>"
    if "enum" in schema:
        return " | ".join(f"<q>{escape(str(value))}</q>" for value in schema["enum"])
    return _plain(schema)


def _plain(schema: Schema) -> str:
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " | ".join(escape(str(one)) for one in kind)
    if kind == "array":
        inner = type_html(schema.get("items", {}))
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    extra = schema.get("format")
    return escape(f"{kind} ({extra})" if extra else str(kind))


def fields(schema: Schema) -> Iterator[Field]:
    """The fields of an object type."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield Field(name, type_html(field), name in required, note_html(field))


def note_html(schema: Schema) -> str:
    """What is said of a value: its description, default and limits."""
    notes = [str(schema["description"])] if "description" in schema else []
    if schema.get("default") is not None:
        notes.append(f"Default: {schema['default']}.")
    limits = [text.format(schema[key]) for key, text in _LIMITS.items() if key in schema]
    if limits:
        notes.append(f"{', '.join(limits).capitalize()}.")
    return text_html(" ".join(notes))


def text_html(text: str) -> str:
    """Prose, with `code` as code."""
    return _CODE.sub(lambda code: f"<code>{code[1]}</code>", escape(text))
