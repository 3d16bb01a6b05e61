"""What programs rely on: an id on every answer, all methods of an address, and pages of other origins by setting."""

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient

from coda.core.http.cross_origin import InvalidCorsOrigin, cors_origins
from coda.core.http.install import install_http
from coda.core.settings import Settings

PAGE = "https://app.example.org"
PREFLIGHT = {"Origin": PAGE, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


def make_client(settings: Settings) -> AsyncClient:
    router = APIRouter()

    @router.get("/v1/things/{thing:path}")
    async def read(thing: str) -> str:
        return thing

    @router.post("/v1/things/{thing:path}")
    async def write(thing: str) -> str:
        return thing

    @router.get("/v1/broken")
    async def broken() -> str:
        raise ZeroDivisionError

    app = FastAPI()
    app.include_router(router)
    install_http(app, settings)
    transport = ASGITransport(app, client=("192.0.2.9", 4711), raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://coda.lan:8000")


def opened_to(settings: Settings, origins: str) -> Settings:
    return settings.model_copy(update={"cors_origins": origins})


class TestRequestId:
    async def test_is_on_every_answer_and_never_the_same(self, settings: Settings) -> None:
        async with make_client(settings) as client:
            answers = [await client.get(path) for path in ("/v1/things/a/b", "/nothing", "/v1/broken")]

        assert [answer.status_code for answer in answers] == [200, 404, 500]
        ids = [answer.headers["x-request-id"] for answer in answers]
        assert len(set(ids)) == len(ids)
        assert all(each.startswith("req_") for each in ids)


class TestMethods:
    async def test_all_routes_of_an_address_count(self, settings: Settings) -> None:
        async with make_client(settings) as client:
            told = await client.options("/v1/things/a/b")
            refused = await client.delete("/v1/things/a/b")
            nowhere = await client.options("/v1/nothing")

        assert (told.status_code, told.headers["allow"]) == (204, "GET, POST, OPTIONS")
        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, POST, OPTIONS")
        assert nowhere.status_code == 404


class TestCrossOrigin:
    async def test_nobody_is_let_in_without_the_setting(self, settings: Settings) -> None:
        async with make_client(settings) as client:
            asked = await client.options("/v1/things/a", headers=PREFLIGHT)
            answer = await client.get("/v1/things/a", headers={"Origin": PAGE})

        assert "access-control-allow-origin" not in {**asked.headers, **answer.headers}

    @pytest.mark.parametrize("origins", [PAGE, f"https://other.example, {PAGE.upper()}/", "*"])
    async def test_a_named_origin_may_ask_and_read(self, settings: Settings, origins: str) -> None:
        async with make_client(opened_to(settings, origins)) as client:
            asked = await client.options("/v1/things/a", headers=PREFLIGHT)
            answer = await client.get("/v1/things/a", headers={"Origin": PAGE})
            events = await client.options("/ag-ui", headers=PREFLIGHT)

        assert asked.status_code == events.status_code == 200
        assert asked.headers["access-control-allow-origin"] in (PAGE, "*")
        assert "POST" in asked.headers["access-control-allow-methods"]
        assert asked.headers["access-control-allow-headers"] == "authorization"
        assert "access-control-allow-credentials" not in asked.headers
        assert answer.headers["access-control-allow-origin"] in (PAGE, "*")
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert {"x-request-id", "x-ratelimit-remaining-requests", "coda-session-id"} <= set(exposed.split(", "))

    async def test_errors_are_read_too(self, settings: Settings) -> None:
        async with make_client(opened_to(settings, PAGE)) as client:
            broken = await client.get("/v1/broken", headers={"Origin": PAGE})

        assert (broken.status_code, broken.headers["access-control-allow-origin"]) == (500, PAGE)

    async def test_another_origin_and_another_path_stay_closed(self, settings: Settings) -> None:
        async with make_client(opened_to(settings, PAGE)) as client:
            other = await client.get("/v1/things/a", headers={"Origin": "https://evil.example"})
            page = await client.get("/api/v1/sessions", headers={"Origin": PAGE})

        assert "access-control-allow-origin" not in {**other.headers, **page.headers}

    @pytest.mark.parametrize("entry", ["app.example.org", "https://app.example.org/path", "ftp://x", "https://"])
    def test_what_is_no_origin_is_refused(self, settings: Settings, entry: str) -> None:
        with pytest.raises(InvalidCorsOrigin):
            cors_origins(opened_to(settings, entry))
