"""What an attacker with a key sends: every answer is one of the protocol, and none tells of our inside."""

import asyncio
from typing import Any

import orjson
import pytest
from httpx import AsyncClient

from tests.callers import Caller
from tests.gateways.mcp_server.test_wire import META, call, modern, post

HALF = b'"\\ud800"'
NUL = b'"a\\u0000b"'
HUGE = b"1" + b"0" * 400
DEEP = b"[" * 5_000 + b"]" * 5_000
ODD = [HALF, NUL, HUGE, b"-1e400", b"NaN", DEEP, b'"' + "\u202e".encode() + b'"']


def raw(method: str, params: bytes) -> bytes:
    """A request with parameters as they are written."""
    inner = b"%s,%s" % (params, b'"_meta":' + orjson.dumps(META)) if params else b'"_meta":' + orjson.dumps(META)
    return b'{"jsonrpc":"2.0","id":1,"method":"%s","params":{%s}}' % (method.encode(), inner)


PLACES: list[tuple[str, bytes, str | None]] = [
    ("tools/call", b'"name":"calculator","arguments":{"expression":%s}', "calculator"),
    ("tools/call", b'"name":"ask","arguments":{"question":"hi","session_id":%s}', "ask"),
    ("tools/call", b'"name":"ask","arguments":{"question":"hi","model":%s}', "ask"),
    ("prompts/get", b'"name":"search_chats","arguments":{"words":%s}', "search_chats"),
    ("prompts/get", b'"name":"summarise_chat","arguments":{"session_id":%s}', "summarise_chat"),
    ("resources/list", b'"cursor":%s', None),
    (
        "completion/complete",
        b'"ref":{"type":"ref/prompt","name":"x"},"argument":{"name":"session_id","value":%s}',
        None,
    ),
]


@pytest.mark.parametrize(("method", "params", "name"), PLACES, ids=[f"{number}" for number in range(len(PLACES))])
async def test_odd_values_are_answered(
    base_url: str, caller: Caller, method: str, params: bytes, name: str | None
) -> None:
    headers = {**modern(method, **({"Mcp-Name": name} if name else {})), **caller.headers}
    for odd in ODD:
        response = await post(base_url, raw(method, params % odd), headers)
        assert response.status_code < 500, (odd[:20], response.text[:300])
        assert "core.internal" not in response.text, (odd[:20], response.text[:300])
        assert "Traceback" not in response.text


@pytest.mark.parametrize("path", ["..%2f..%2fetc%2fpasswd", "%2e%2e/", "a%00b", "%ff", "x" * 5_000])
@pytest.mark.parametrize("place", ["/api/v1/files/{}", "/api/v1/files/{}/content", "/v1/responses/{}", "/mcp/{}"])
async def test_odd_paths_lead_nowhere(base_url: str, caller: Caller, path: str, place: str) -> None:
    """Nor to the web app, which programs cannot read."""
    async with AsyncClient(base_url=base_url, headers=caller.headers) as client:
        response = await client.get(place.format(path))

    assert response.status_code in (307, 400, 404, 405, 414, 422), response.text[:300]
    assert "<html" not in response.text


@pytest.mark.parametrize("many", [20, pytest.param(200, marks=pytest.mark.long)])
async def test_many_at_once(base_url: str, caller: Caller, many: int) -> None:
    """Each is answered, if only by saying that there is no room."""
    asked: dict[str, Any] = {"name": "ask", "arguments": {"question": "What is 2 + 2?", "model": "demo/coda"}}
    headers = {**modern("tools/call", **{"Mcp-Name": "ask"}), **caller.headers}
    answers = await asyncio.gather(*(post(base_url, call("tools/call", asked), headers) for _ in range(many)))

    assert {answer.status_code for answer in answers} <= {200, 429, 503}
    assert all("core.internal" not in answer.text for answer in answers)
