"""Renders an OpenAPI document as one HTML page."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from coda.operations.api_docs.shapes import Field, Schema, fields, note_html, text_html, type_html

STYLE = (Path(__file__).parent / "style.css").read_text()
_METHODS = ("get", "post", "put", "patch", "delete")
_OTHER = "other"
_LAST = ("web-app", "operations", _OTHER)  # what this web app and its operator use comes after what programs use


@dataclass(frozen=True, slots=True)
class _Operation:
    method: str
    path: str
    spec: Mapping[str, Any]

    @property
    def anchor(self) -> str:
        return escape(str(self.spec.get("operationId", f"{self.method}-{self.path}")))


def render_page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    groups: dict[str, list[_Operation]] = defaultdict(list)
    for operation in _operations(document):
        groups[str((operation.spec.get("tags") or [_OTHER])[0])].append(operation)
    ordered = sorted(groups.items(), key=lambda group: group[0] in _LAST)
    title = f"{document['info']['title']} {document['info']['version']}"
    types: Mapping[str, Schema] = document.get("components", {}).get("schemas", {})
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}: the API</title>",
            '<link rel="icon" href="/coda.svg"><link rel="stylesheet" href="/docs/style.css"></head><body>',
            _navigation(ordered),
            f"<main><h1>{escape(title)}</h1>{_INTRODUCTION}",
            *(_group(name, operations) for name, operations in ordered),
            '<section id="types"><h2>Types</h2>',
            *(_type(name, schema) for name, schema in types.items()),
            "</section></main></body></html>",
        )
    )


_INTRODUCTION = """
<p>Every route of this instance. Make an API key in the settings, and send it as a bearer token; it works on every
route. Lists answer in pages: pass <code>next_cursor</code> on. Errors have one form, with a stable
<code>code</code>. Programs read <a href="/openapi.json">openapi.json</a>.</p>
<pre>curl -H "Authorization: Bearer $CODA_API_KEY" http://127.0.0.1:8000/api/v1/models</pre>
"""


def _operations(document: Mapping[str, Any]) -> Iterator[_Operation]:
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                yield _Operation(method, path, methods[method])


def _navigation(groups: Iterable[tuple[str, Iterable[_Operation]]]) -> str:
    parts = ['<nav aria-label="Routes"><a class="home" href="/">Coda</a>']
    for name, operations in groups:
        parts.append(f'<h2><a href="#group-{escape(name)}">{escape(name)}</a></h2><ul>')
        parts += [
            f'<li><a href="#{one.anchor}"><span>{one.method}</span> {escape(_short(one.path))}</a></li>'
            for one in operations
        ]
        parts.append("</ul>")
    return "".join((*parts, '<h2><a href="#types">types</a></h2></nav>'))


def _short(path: str) -> str:
    return path.removeprefix("/api/v1")


def _group(name: str, operations: Iterable[_Operation]) -> str:
    body = "".join(_operation(operation) for operation in operations)
    return f'<section id="group-{escape(name)}"><h2>{escape(name)}</h2>{body}</section>'


def _operation(operation: _Operation) -> str:
    spec = operation.spec
    open_to_all = "" if spec.get("security") else ' <span class="open">without sign-in</span>'
    said = str(spec.get("description") or spec.get("summary", ""))
    return "".join(
        (
            f'<article id="{operation.anchor}"><h3><span class="method {operation.method}">{operation.method}</span> ',
            f"<code>{escape(operation.path)}</code>{open_to_all}</h3>",
            f"<p>{text_html(said)}</p>",
            _table("Parameters", (_parameter(one) for one in spec.get("parameters", ()))),
            _body(spec.get("requestBody", {})),
            _answers(spec.get("responses", {})),
            "</article>",
        )
    )


def _parameter(spec: Mapping[str, Any]) -> Field:
    schema = spec.get("schema", {})
    note = note_html(schema) or note_html(spec)
    return Field(f"{spec['name']} ({spec['in']})", type_html(schema), bool(spec.get("required")), note)


def _body(spec: Mapping[str, Any]) -> str:
    content = spec.get("content", {})
    if not content:
        return ""
    return f"<h4>Body</h4><p>{' or '.join(_content(kind, media) for kind, media in content.items())}</p>"


def _content(kind: str, media: Mapping[str, Any]) -> str:
    schema = media.get("schema")
    shape = type_html(schema) if schema else "any"
    return shape if kind == "application/json" else f"{shape} <small>{escape(kind)}</small>"


def _answers(responses: Mapping[str, Mapping[str, Any]]) -> str:
    rows = []
    for status, answer in responses.items():
        shapes = " or ".join(_content(kind, media) for kind, media in answer.get("content", {}).items())
        described = text_html(str(answer.get("description", "")))
        said = "" if described == "Successful Response" else described
        rows.append(f"<tr><td>{escape(status)}</td><td>{shapes}</td><td>{said}</td></tr>")
    return f'<h4>Answers</h4><div class="table"><table>{"".join(rows)}</table></div>'


def _type(name: str, schema: Schema) -> str:
    described = f"<p>{text_html(str(schema['description']))}</p>" if "description" in schema else ""
    body = _table("", fields(schema)) if "properties" in schema else f"<p>{type_html(schema)}</p>"
    return f'<article id="type-{escape(name)}"><h3>{escape(name)}</h3>{described}{body}</article>'


def _table(title: str, rows: Iterable[Field]) -> str:
    body = "".join(
        f"<tr><td><code>{escape(row.name)}</code>{'' if row.is_required else ' <small>optional</small>'}</td>"
        f"<td>{row.type_html}</td><td>{row.note_html}</td></tr>"
        for row in rows
    )
    heading = f"<h4>{title}</h4>" if title else ""
    return f'{heading}<div class="table"><table>{body}</table></div>' if body else ""
