"""The OpenAPI document: FastAPI's, with public names and the errors that are really answered."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from coda.core.http.responses import Error

_REFERENCE: Final = "#/components/schemas/"
_INTERNAL_SUFFIXES: Final = ("Read", "Write")
_FRAMEWORK_ERRORS: Final = ("HTTPValidationError", "ValidationError")


def install_openapi(app: FastAPI, path: str = "/openapi.json") -> None:
    """Make the application describe itself under the public names, at `path` too.

    FastAPI's own route would make the document on the event loop: leave `openapi_url` out.
    """

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = public_document(
                get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            )
        return app.openapi_schema

    def serve(_request: Request) -> JSONResponse:  # beside the event loop: the first time it takes a while
        return JSONResponse(app.openapi())

    app.openapi = describe  # type: ignore[method-assign]  # FastAPI's documented way
    app.add_route(path, serve, include_in_schema=False)


def public_document(document: dict[str, Any]) -> dict[str, Any]:
    """`ChatSessionRead` is the public `ChatSession`; a refused body is answered in our form, not FastAPI's."""
    schemas: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK_ERRORS:
        schemas.pop(name, None)
    schemas.setdefault("Error", Error.model_json_schema(ref_template=_REFERENCE + "{model}"))
    names = {name: public for name in schemas if (public := _public(name)) not in schemas}
    renamed: dict[str, Any] = _rename(document, names | {"HTTPValidationError": "Error"})
    renamed["components"]["schemas"] = {
        names.get(name, name): _titled(schema, names.get(name, name))
        for name, schema in sorted(renamed["components"]["schemas"].items())
    }
    return renamed


def _rename(node: Any, names: Mapping[str, str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(node, dict):
        return {
            key: _REFERENCE + names.get(target := value.removeprefix(_REFERENCE), target)
            if key == "$ref" and isinstance(value, str)
            else _rename(value, names)
            for key, value in node.items()
        }
    return [_rename(item, names) for item in node] if isinstance(node, list) else node


def _titled(schema: dict[str, Any], name: str) -> dict[str, Any]:
    return schema | {"title": name} if "title" in schema else schema


def _public(name: str) -> str:
    suffix = next((suffix for suffix in _INTERNAL_SUFFIXES if name.endswith(suffix)), "")
    return name.removesuffix(suffix)
