"""Routes are prepared once for all applications of a process, and each application answers with its own state."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import iter_route_contexts
from httpx import ASGITransport, AsyncClient

from coda.core.http.routes import join_routers

inner = APIRouter(prefix="/inner")
router = APIRouter(prefix="/api")
other = APIRouter(prefix="/api")


@inner.get("/name")
async def tell_name(request: Request) -> str:
    return str(request.app.state.name)


@other.get("/inner/{anything}")
async def tell_anything(anything: str) -> str:
    return anything


router.include_router(inner)


def app_named(name: str) -> FastAPI:
    app = FastAPI()
    join_routers(app, router, other)
    app.state.name = name
    return app


async def get(app: FastAPI, path: str) -> object:
    async with AsyncClient(transport=ASGITransport(app), base_url="http://coda.lan") as client:
        return (await client.get(path)).json()


def dependants_of(app: FastAPI) -> list[object]:
    return [route.dependant for route in iter_route_contexts(app.routes) if str(route.path).startswith("/api/")]


class TestJoinRouters:
    async def test_each_application_answers_for_itself(self) -> None:
        one, two = app_named("one"), app_named("two")

        assert [await get(app, "/api/inner/name") for app in (one, two, one)] == ["one", "two", "one"]

    async def test_the_router_that_was_joined_first_answers_first(self) -> None:
        assert await get(app_named("one"), "/api/inner/name") == "one"
        assert await get(app_named("one"), "/api/inner/else") == "else"

    def test_prepares_a_route_once(self) -> None:
        first, second = (dependants_of(app_named(name)) for name in ("one", "two"))

        assert len(first) == 2
        assert all(one is two for one, two in zip(first, second, strict=True))

    def test_an_operation_has_the_name_of_its_function(self) -> None:
        paths = app_named("one").openapi()["paths"]

        assert paths["/api/inner/name"]["get"]["operationId"] == "tell_name"
