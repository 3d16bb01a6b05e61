"""Joins routers to an application; the routes of a router are prepared once for all applications of the process."""

from collections import deque
from typing import Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import BaseRoute

# By the id of the router, which its routes keep alive: routers have no hash.
_prepared: Final[dict[int, tuple[BaseRoute, ...]]] = {}


def join_routers(app: FastAPI, *routers: APIRouter) -> None:
    """Add all routes of routers that are whole, in this order; the name of a function is its operation's id.

    `app.include_router` prepares every route anew for every application, at the first request and on the event loop.
    The dependencies of what is joined here cannot be replaced by `app.dependency_overrides`.
    """
    for router in routers:
        if id(router) not in _prepared:
            _prepared[id(router)] = _prepare(router)
        app.router.routes.extend(_prepared[id(router)])


def _prepare(router: APIRouter) -> tuple[BaseRoute, ...]:
    around = APIRouter(generate_unique_id_function=_operation_id)
    around.include_router(router)
    deque(iter_route_contexts(around.routes), maxlen=0)
    return tuple(around.routes)


def _operation_id(route: APIRoute) -> str:
    return route.name
