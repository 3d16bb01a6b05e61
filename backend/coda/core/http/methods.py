"""Which methods an address answers to, all its routes together."""

from typing import Final

from starlette.applications import Starlette
from starlette.routing import Match
from starlette.types import Scope

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(app: Starlette, scope: Scope) -> list[str]:
    """The methods of the routes that have the path of this request; OPTIONS is always answered."""
    path = {"type": "http", "path": scope["path"], "root_path": scope.get("root_path", ""), "headers": []}
    found = [
        method
        for method in _METHODS
        if any(route.matches({**path, "method": method})[0] is Match.FULL for route in app.routes)
    ]
    return [*found, "OPTIONS"]
