"""What comes to `/mcp` that no well-behaved client sends, and who is let in."""

from typing import Any, Final
from uuid import uuid4

import orjson
import pytest
from httpx import AsyncClient, Response

from coda.access.roles import Role
from coda.core.http.body_limit import DEFAULT_MAX_BODY
from tests.callers import Caller, Town

NEWEST: Final = "2026-07-28"
ACCEPT: Final = {"Accept": "application/json, text/event-stream"}
META: Final = {"io.modelcontextprotocol/protocolVersion": NEWEST, "io.modelcontextprotocol/clientCapabilities": {}}


def call(method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**(params or {}), "_meta": META}}


def modern(method: str, **more: str) -> dict[str, str]:
    return {"MCP-Protocol-Version": NEWEST, "Mcp-Method": method, **more}


async def post(base_url: str, body: object, headers: dict[str, str]) -> Response:
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    async with AsyncClient(base_url=base_url, timeout=60) as client:
        told = {"Content-Type": "application/json", **ACCEPT, **headers}
        return await client.post("/mcp", content=content, headers=told)


def error_of(response: Response) -> dict[str, Any]:
    """Of an answer as JSON, or of the only event of a stream."""
    text = response.text
    if response.headers["content-type"].startswith("text/event-stream"):
        text = next(line for line in text.splitlines() if line.startswith("data: ")).removeprefix("data: ")
    error: dict[str, Any] = orjson.loads(text)["error"]
    return error


class TestWhoIsLetIn:
    @pytest.mark.parametrize(
        "headers", [{}, {"Authorization": "Bearer sk-coda-nonsense"}, {"Authorization": "Basic eDp5"}]
    )
    async def test_nobody_without_a_key(self, base_url: str, headers: dict[str, str]) -> None:
        response = await post(base_url, call("tools/list"), {**modern("tools/list"), **headers})

        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["jsonrpc"] == "2.0"
        assert error_of(response)["message"]

    async def test_a_person_who_is_signed_in(self, base_url: str, town: Town) -> None:
        person = await town.settle(await town.found(), Role.VIEWER)
        response = await post(base_url, call("tools/list"), {**modern("tools/list"), **person.headers})

        assert response.json()["result"]["tools"] == []  # a viewer asks for nothing

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Origin": "https://evil.example"}, 403),
            ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Origin": "{own}"}, 200),
        ],
    )
    async def test_pages_of_other_origins_are_refused(
        self, base_url: str, caller: Caller, headers: dict[str, str], status: int
    ) -> None:
        given = {name: value.format(own=base_url) for name, value in headers.items()}
        response = await post(base_url, call("tools/list"), {**modern("tools/list"), **caller.headers, **given})

        assert response.status_code == status
        if status == 403:
            assert error_of(response)["data"]["code"] == "core.foreign_origin"


class TestJunk:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"{", 400, -32600),
            (b"[]", 400, -32600),
            (b"null", 400, -32600),
            (b'"tools/list"', 400, -32600),
            ({"id": 1}, 400, -32600),
            ({"jsonrpc": "2.0", "id": {}}, 400, -32600),
            ([call("tools/list")] * 2, 400, -32600),
            (b"[" * 200 + b"]" * 200, 422, -32602),
            (b'{"a": "' + b"x" * DEFAULT_MAX_BODY + b'"}', 413, -32602),
        ],
    )
    @pytest.mark.parametrize("version", [NEWEST, "2025-06-18"])
    async def test_what_is_no_message(
        self, base_url: str, caller: Caller, body: object, status: int, code: int, version: str
    ) -> None:
        headers = {"MCP-Protocol-Version": version, "Mcp-Method": "tools/list", **caller.headers}
        response = await post(base_url, body, headers)

        assert response.status_code == status
        assert error_of(response)["code"] in (code, -32700, -32602)

    @pytest.mark.parametrize(
        ("method", "params", "name", "told"),
        [
            ("nonsense/method", {}, None, (404, -32601)),
            ("logging/setLevel", {"level": "debug"}, None, (404, -32601)),
            ("tools/call", {}, None, (400, -32602)),
            ("tools/call", {"name": "calculator", "arguments": []}, "calculator", (400, -32602)),
            ("tools/call", {"name": "calculator"}, "ask", (400, -32020)),
            ("prompts/get", {"name": "x", "arguments": []}, "x", (400, -32602)),
            ("completion/complete", {"ref": {}, "argument": {}}, None, (400, -32602)),
        ],
    )
    async def test_what_no_method_takes(
        self,
        base_url: str,
        caller: Caller,
        method: str,
        params: dict[str, Any],
        name: str | None,
        told: tuple[int, int],
    ) -> None:
        named = {"Mcp-Name": name} if name else {}
        response = await post(base_url, call(method, params), {**modern(method, **named), **caller.headers})
        old = await post(base_url, call(method, params) | {"params": params}, caller.headers)

        assert (response.status_code, error_of(response)["code"]) == told
        if told[1] != -32020:  # headers are no part of older revisions
            assert (old.status_code, error_of(old)["code"]) == (200, told[1])

    @pytest.mark.parametrize("version", ["1999-01-01", "nonsense", "2026-07-29"])
    async def test_a_revision_that_is_not_spoken(self, base_url: str, caller: Caller, version: str) -> None:
        meta = {**META, "io.modelcontextprotocol/protocolVersion": version}
        body = {**call("tools/list"), "params": {"_meta": meta}}
        headers = {"MCP-Protocol-Version": version, "Mcp-Method": "tools/list", **caller.headers}
        response = await post(base_url, body, headers)

        assert response.status_code == 400
        assert error_of(response)["data"]["supported"] == [NEWEST]

    async def test_an_old_client_is_answered_in_its_revision(self, base_url: str, caller: Caller) -> None:
        given = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
        hello = await post(base_url, {**call("initialize"), "params": given}, caller.headers)
        future = await post(
            base_url, {**call("initialize"), "params": {**given, "protocolVersion": "2099-01-01"}}, caller.headers
        )

        assert hello.headers["mcp-session-id"]
        assert '"protocolVersion":"2025-03-26"' in hello.text
        assert '"protocolVersion":"2025-11-25"' in future.text

    @pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
    async def test_other_methods(self, base_url: str, caller: Caller, method: str) -> None:
        """There is nothing to listen to, and no session to end."""
        async with AsyncClient(base_url=base_url, headers=caller.headers) as client:
            response = await client.request(method, "/mcp", headers=ACCEPT)

        assert response.status_code == 405
        assert response.headers["allow"] == "POST, OPTIONS"

    @pytest.mark.parametrize("request_id", [1, "1", 2**60, None, {}, "x" * 10_000])
    async def test_cancelling_what_is_not_there(self, base_url: str, caller: Caller, request_id: object) -> None:
        body = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": request_id}}
        headers = {"Mcp-Session-Id": uuid4().hex, "MCP-Protocol-Version": "2025-06-18", **caller.headers}
        response = await post(base_url, body, headers)

        assert response.status_code in (202, 400)

    async def test_a_form_is_no_message(self, base_url: str, caller: Caller) -> None:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        response = await post(base_url, b"a=b", {**modern("tools/list"), **caller.headers, **form})

        assert response.status_code in (400, 415)
