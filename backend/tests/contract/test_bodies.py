"""No route reads a body before it knows who calls, and what anybody may send is small: shown by walking all routes."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from starlette.types import Message

from coda.access.roles import Role
from coda.access.sign_in_first import PUBLIC_BODIES
from tests.access_matrix import MATRIX, Access, Line
from tests.callers import Caller, Town

_BODIES = ("POST", "PUT", "PATCH", "DELETE")
_JSON = {"Content-Type": "application/json"}
_SMALL = 16 * 1024

with_body = [line for line in MATRIX if line.method in _BODIES]
private = [line for line in with_body if line.access is not Access.ANYBODY]
public = [line for line in with_body if line.access is Access.ANYBODY]


def path_of(line: Line) -> str:
    return line.path.replace("{", "").replace("}", "")


def named(line: Line) -> str:
    return f"{line.method} {line.path}"


@pytest.fixture(scope="module")
async def caller(town: Town) -> Caller:
    return await town.settle(await town.found(), Role.ADMIN)


async def call(app: FastAPI, line: Line, headers: dict[str, str]) -> tuple[int, bool]:
    """The status of an answer, and whether the body was read for it."""
    sent: list[Message] = []
    was_read = False

    async def receive() -> Message:
        nonlocal was_read
        was_read = True
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "method": line.method, "path": path_of(line), "raw_path": path_of(line).encode(),
        "headers": [(b"host", b"coda.lan"), (b"content-length", b"8000000"), *raw], "query_string": b"",
        "http_version": "1.1", "scheme": "http", "root_path": "",
        "client": ("192.0.2.1", 1), "server": ("10.0.0.1", 80),
    }  # fmt: skip
    await app(scope, receive, send)
    return int(sent[0]["status"]), was_read


@pytest.mark.parametrize("line", private, ids=named)
async def test_nobodys_body_is_not_read(app: FastAPI, line: Line) -> None:
    assert await call(app, line, _JSON) == (401, False)
    assert await call(app, line, {**_JSON, "Authorization": "Bearer sk-coda-nonsense"}) == (401, False)


@pytest.mark.parametrize("line", public, ids=named)
async def test_what_anybody_may_call_takes_little(app: FastAPI, line: Line) -> None:
    assert line.path.startswith(PUBLIC_BODIES)
    assert await call(app, line, _JSON) == (413, False)


async def test_a_place_without_a_route_reads_no_body_either(app: FastAPI) -> None:
    assert await call(app, Line("POST", "/api/v1/nothing", Access.ANYBODY), _JSON) == (401, False)


async def test_wrong_fields_are_told_a_few_at_a_time(client: AsyncClient) -> None:
    body = "{" + ",".join(f'"{number}":1' for number in range(1_500)) + "}"
    assert len(body) < _SMALL

    response = await client.post("/api/v1/auth/login", content=body, headers=_JSON)

    assert response.status_code == 422
    assert len(response.json()["error"]["details"]["fields"]) == 20
    assert len(response.content) < 4_000


async def test_inputs_are_not_repeated(client: AsyncClient, caller: Caller) -> None:
    body = {"title": {"x" * 5_000: "canary"}, "y" * 5_000: 1}

    response = await client.post("/api/v1/sessions", json=body, headers=caller.headers)

    assert response.status_code == 422
    assert "canary" not in response.text
    assert len(response.content) < 2_000


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b'{"messages":[' + b'{"role":"user","content":"x"},' * 200_000 + b"1]}", 413, "core.too_many_values"),
        (b'{"model":"demo/coda","messages":' + b"[" * 400 + b"]" * 400 + b"}", 400, "core.too_deep"),
        (b'{"model":"demo/coda","seed":1' + b"0" * 30 + b',"messages":[]}', 400, "core.invalid_number"),
        (b'{"model":"demo/coda","messages":[{"role":"user","content":"\\ud800"}]}', 400, "core.invalid_text"),
        (b" " * (8 * 1024 * 1024 + 1), 413, "core.too_large"),
    ],
    ids=["values", "depth", "number", "text", "bytes"],
)  # fmt: skip
async def test_openai_clients_are_told_in_their_form(
    client: AsyncClient, caller: Caller, content: bytes, status: int, code: str
) -> None:
    response = await client.post("/v1/chat/completions", content=content, headers={**_JSON, **caller.headers})

    error = response.json()["error"]
    assert (response.status_code, error["code"], set(error)) == (status, code, {"message", "type", "param", "code"})
    assert response.elapsed < timedelta(seconds=2)
