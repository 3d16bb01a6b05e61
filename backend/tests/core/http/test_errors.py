"""Every way to fail ends in the same body, with a status that fits and nothing of the inside."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import pytest
from fastapi import APIRouter, Cookie, FastAPI, Response
from fastapi.responses import StreamingResponse
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from starlette.types import Message
from structlog.processors import format_exc_info
from structlog.testing import capture_logs
from structlog.typing import EventDict

from coda.core.db import Database, DatabaseUrls
from coda.core.errors import CodaError, ErrorKind
from coda.core.http.database import Db
from coda.core.http.errors import STATUS, ErrorAnswer
from coda.core.http.install import install_http
from coda.core.settings import Settings


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")
    number: int
    name: str = "x"


class Refused(CodaError):
    code = "test.refused"


router = APIRouter()


@router.get("/api/kinds/{kind}")
async def fail(kind: ErrorKind) -> str:
    error = type("Failed", (Refused,), {"kind": kind})
    raise error("It was refused.", retry_after=7, thing={"a": 1})


@router.post("/api/questions")
@router.post("/v1/questions")
async def ask(question: Question, limit: int = 1, session: Annotated[int, Cookie()] = 0) -> int:
    return question.number + limit + session


@router.get("/api/broken")
async def break_down() -> str:
    raise RuntimeError("canary-secret")


@router.get("/api/stream")
async def stream() -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"begun"
        raise RuntimeError("canary-secret")

    return StreamingResponse(chunks())


@router.get("/api/sql")
async def query(statement: str, db: Db) -> str:
    return str((await db.execute(text(statement), {})).scalar())


@router.post("/api/store")
async def store(body: dict[str, Any], db: Db) -> str:
    return str((await db.execute(text("select cast(:value as text)"), {"value": body["value"]})).scalar())


@router.get("/api/links/{token}")
async def read_link(token: str) -> str:
    raise RuntimeError(f"broken after {len(token)} letters")


@router.post("/api/bug")
async def run_bug(body: dict[str, Any], db: Db) -> str:
    return str(await db.scalar(text("select cast(:value as text) from nowhere"), {"value": body["value"]}))


@router.get("/api/number")
async def number(value: int, db: Db) -> str:
    return str((await db.execute(text("select cast(:value as bigint)"), {"value": value})).scalar())


def render_openai(answer: ErrorAnswer) -> Response:
    return Response(f"openai: {answer.code}", answer.status)


def make_app(database: Database, settings: Settings) -> FastAPI:
    app = FastAPI()
    app.include_router(router)
    install_http(app, settings, {"/v1/": render_openai})
    app.state.settings, app.state.database = settings, database
    return app


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    with capture_logs(processors=[format_exc_info]) as lines:
        yield lines


@pytest.fixture
async def client(database: Database, settings: Settings) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(make_app(database, settings), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://coda.lan") as client:
        yield client


def error_of(response: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own type says no more
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert response.headers["content-type"] == "application/json"
    error: dict[str, Any] = body["error"]
    return error


class TestDomainErrors:
    @pytest.mark.parametrize("kind", list(ErrorKind))
    async def test_each_kind_has_its_status(self, client: AsyncClient, kind: ErrorKind) -> None:
        response = await client.get(f"/api/kinds/{kind}")

        assert response.status_code == STATUS[kind]
        assert error_of(response) == {
            "code": "test.refused",
            "message": "It was refused.",
            "details": {"retry_after": 7, "thing": {"a": 1}},
        }
        assert response.headers["retry-after"] == "7"
        assert ("www-authenticate" in response.headers) == (kind is ErrorKind.UNAUTHENTICATED)

    def test_no_kind_is_without_a_status(self) -> None:
        assert set(STATUS) == set(ErrorKind)


class TestInvalidRequests:
    async def test_names_the_fields(self, client: AsyncClient) -> None:
        response = await client.post("/api/questions?limit=x", json={"name": 3, "extra": 1, "number": "canary"})

        error = error_of(response)
        assert (response.status_code, error["code"]) == (422, "core.invalid_request")
        assert error["message"] == "The request is not valid: limit, number, name, extra."
        fields = [(one["in"], one["field"], one["problem"]) for one in error["details"]["fields"]]
        assert fields == [
            ("query", "limit", "int_parsing"),
            ("body", "number", "int_parsing"),
            ("body", "name", "string_type"),
            ("body", "extra", "extra_forbidden"),
        ]
        assert "canary" not in response.text

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"[]", b"null", b'"x"', b'{"number": NaN}', b'{"number": 1e999}', b"[" * 50, b"\xff\xfe{}"]
    )
    async def test_malformed_json_is_4xx(self, client: AsyncClient, body: bytes) -> None:
        response = await client.post("/api/questions", content=body, headers={"Content-Type": "application/json"})

        assert 400 <= response.status_code < 500
        error_of(response)

    @pytest.mark.parametrize("body", [b"[" * 100_000, b'{"number":' + b"9" * 5_000 + b"}"])
    async def test_bombs_are_4xx(self, client: AsyncClient, body: bytes) -> None:
        response = await client.post("/api/questions", content=body, headers={"Content-Type": "application/json"})

        assert 400 <= response.status_code < 500

    async def test_odd_field_names_are_told_without_harm(self, client: AsyncClient) -> None:
        body = b'{"number": 1, "\\ud800": 1, "' + b"x" * 5_000 + b'": 1}'

        response = await client.post("/api/questions", content=body, headers={"Content-Type": "application/json"})

        assert response.status_code == 422
        assert len(response.text) < 2_000


class TestUnknownPlaces:
    async def test_path(self, client: AsyncClient) -> None:
        response = await client.get("/api/nothing/here")

        assert (response.status_code, error_of(response)["code"]) == (404, "core.no_such_path")

    async def test_method(self, client: AsyncClient) -> None:
        response = await client.delete("/api/questions")

        assert (response.status_code, error_of(response)["code"]) == (405, "core.method_not_allowed")
        assert response.headers["allow"] == "POST, OPTIONS"


class TestUnforeseen:
    async def test_is_500_without_a_word_of_the_inside(self, client: AsyncClient) -> None:
        response = await client.get("/api/broken")

        assert (response.status_code, error_of(response)["code"]) == (500, "core.internal")
        assert "canary" not in response.text
        assert response.headers["x-content-type-options"] == "nosniff"

    async def test_logs_neither_tokens_in_paths_nor_values_in_sql(
        self, client: AsyncClient, logged: list[EventDict]
    ) -> None:
        await client.get("/api/links/canary-token")
        await client.post("/api/bug", json={"value": "canary-value"})

        assert [(line["event"], line["route"]) for line in logged] == [
            ("request_failed", "/api/links/{token}"),
            ("request_failed", "/api/bug"),
        ]
        assert all("Traceback" in line["exception"] for line in logged)
        assert "canary" not in str(logged)

    async def test_after_the_answer_began_the_connection_breaks(self, database: Database, settings: Settings) -> None:
        sent: list[Message] = []
        scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": "/api/stream",
            "headers": [],
            "query_string": b"",
        }
        scope |= {"http_version": "1.1", "scheme": "http", "raw_path": b"/api/stream", "root_path": "", "client": None}

        async def receive() -> Message:
            await anyio.sleep_forever()
            raise AssertionError

        async def send(message: Message) -> None:
            sent.append(message)

        with pytest.raises((RuntimeError, ExceptionGroup)):
            await make_app(database, settings)(scope, receive, send)
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


class TestDatabaseErrors:
    @pytest.mark.parametrize("value", ["a\x00b", "\x00"])
    async def test_values_that_cannot_be_stored_are_422(self, client: AsyncClient, value: str) -> None:
        response = await client.post("/api/store", json={"value": value})

        assert (response.status_code, error_of(response)["code"]) == (422, "core.invalid_text")

    async def test_numbers_that_are_too_large_are_422(self, client: AsyncClient) -> None:
        assert (await client.get(f"/api/number?value={10**30}")).status_code == 422

    async def test_a_bug_in_sql_is_500(self, client: AsyncClient) -> None:
        response = await client.get("/api/sql", params={"statement": "select canary from nowhere"})

        assert (response.status_code, error_of(response)["code"]) == (500, "core.internal")
        assert "canary" not in response.text

    async def test_a_connection_that_is_cut_is_503_and_the_next_works(self, client: AsyncClient) -> None:
        cut = await client.get("/api/sql", params={"statement": "select pg_terminate_backend(pg_backend_pid())"})
        after = await client.get("/api/sql", params={"statement": "select 1"})

        assert (cut.status_code, error_of(cut)["code"]) == (503, "core.database_unavailable")
        assert after.status_code == 200

    async def test_no_database_is_503(self, settings: Settings, database_urls: DatabaseUrls) -> None:
        nowhere = "postgresql+asyncpg://coda:x@127.0.0.1:1/coda"
        gone = Database(DatabaseUrls(owner=nowhere, app=nowhere, system=nowhere, direct=nowhere))
        transport = ASGITransport(make_app(gone, settings), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://coda.lan") as client:
            response = await client.get("/api/sql?statement=select+1")
        await gone.close()

        assert (response.status_code, error_of(response)["code"]) == (503, "core.database_unavailable")
        assert response.headers["retry-after"] == "5"


class TestOtherForms:
    async def test_a_prefix_may_have_its_own(self, client: AsyncClient) -> None:
        response = await client.post("/v1/questions", json={})
        unknown = await client.get("/v1/nothing")

        assert (response.status_code, response.text) == (422, "openai: core.invalid_request")
        assert unknown.text == "openai: core.no_such_path"


class TestBodyLimit:
    async def test_announced_or_not_a_large_body_is_413(self, client: AsyncClient) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(9):
                yield b" " * 1024 * 1024

        json = {"Content-Type": "application/json"}
        announced = await client.post("/api/questions", content=b" " * (8 * 1024 * 1024 + 1), headers=json)
        chunked = await client.post("/api/questions", content=chunks(), headers=json)
        lying = await client.post("/api/questions", content=b"{}", headers=json | {"Content-Length": "9" * 30})

        for response in (announced, chunked, lying):
            assert (response.status_code, error_of(response)["code"]) == (413, "core.too_large")
            assert response.headers["x-content-type-options"] == "nosniff"

    async def test_openai_clients_get_their_form(self, client: AsyncClient) -> None:
        response = await client.post("/v1/questions", content=b" " * (8 * 1024 * 1024 + 1))

        assert (response.status_code, response.text) == (413, "openai: core.too_large")
