"""The ways in which a server misbehaves, and what has to come of a call: `said`, or the code of an error."""

import asyncio
import gzip
import json
from typing import Any, Final, NamedTuple

from aiohttp import web

from tests.simulators.bad_mcp_server import (
    HELLO,
    Asked,
    BadServer,
    Manner,
    body,
    error,
    opened,
    result,
    said,
    stream,
)

FOREIGN_ID: Final = 7_777
_PROGRESS: Final = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": 1, "progress": 1}}
_DEEP: Final = 10_000
FAILED: Final = "tools.failed"
INVALID: Final = "tools.source_invalid_answer"
LARGE: Final = "tools.source_answer_too_large"
LATE: Final = "tools.source_timed_out"
REFUSED: Final = "tools.source_refused"
BUSY: Final = "tools.source_busy"
SIGN_IN: Final = "tools.source_sign_in_refused"
AWAY: Final = "tools.source_unreachable"
VERSION: Final = "tools.source_version_unknown"


class Kind(NamedTuple):
    """A way. `ends`: what comes of a call; `may`: whether it may have done its work; `said`: what the model reads."""

    stage: str
    manner: Manner
    ends: str = "said"
    may: bool = False
    says: str = "said"

    @property
    def calls(self) -> int:
        """How often the tool is called: a redirect within the server is followed."""
        if self.stage == "initialize":
            return 0
        return 3 if self.manner is circles else 1

    @property
    def opens_breaker(self) -> bool:
        """Whether it tells that the server is down."""
        return self.ends in (INVALID, LATE, AWAY)


async def dies(_server: BadServer, request: web.Request, _asked: Asked) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def dies_in_the_middle(server: BadServer, request: web.Request, asked: Asked) -> web.StreamResponse:
    response = await opened(request, "application/json")
    await response.write(b'{"jsonrpc": "2.0", ')
    return await dies(server, request, asked)


async def says_nothing(_server: BadServer, _request: web.Request, _asked: Asked) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


async def hangs_open(_server: BadServer, request: web.Request, _asked: Asked) -> web.StreamResponse:
    await (await opened(request)).write(b": wait\n\n")
    await asyncio.Event().wait()
    return web.Response()


async def drips(_server: BadServer, request: web.Request, asked: Asked) -> web.StreamResponse:
    response = await opened(request, "application/json")
    for byte in json.dumps(said(asked)).encode():
        await response.write(bytes([byte]))
        await asyncio.sleep(1)
    return response


async def floods(_server: BadServer, request: web.Request, _asked: Asked) -> web.StreamResponse:
    response = await opened(request, "application/json")
    for _ in range(50):
        await response.write(b" " * 1_000_000)
    return response


async def floods_a_line(_server: BadServer, request: web.Request, _asked: Asked) -> web.StreamResponse:
    response = await opened(request)
    await response.write(b"data: ")
    for _ in range(50):
        await response.write(b"x" * 1_000_000)
    return response


async def progresses(_server: BadServer, request: web.Request, _asked: Asked) -> web.StreamResponse:
    response = await opened(request)
    while True:
        await response.write(f"data: {json.dumps(_PROGRESS)}\n\n".encode() * 100)
        await asyncio.sleep(0.001)


async def foreign_then_silent(_server: BadServer, request: web.Request, _asked: Asked) -> web.StreamResponse:
    response = await opened(request)
    await response.write(f"data: {json.dumps(said({'id': FOREIGN_ID}, 'not yours'))}\n\n".encode())
    await asyncio.Event().wait()
    return response


async def resumes(_server: BadServer, request: web.Request, asked: Asked) -> web.StreamResponse:
    """The answer comes once the client asks on where the stream ended."""
    if request.method == "POST":
        return await stream(f"id: {asked['id']}\nretry: 10\ndata:\n\n")(_server, request, asked)
    return await stream(said({"id": int(request.headers["Last-Event-ID"])}))(_server, request, asked)


async def refuses_to_resume(_server: BadServer, request: web.Request, asked: Asked) -> web.StreamResponse:
    if request.method == "POST":
        return await stream("id: 1\nretry: 10\ndata:\n\n")(_server, request, asked)
    return web.Response(status=405)


async def lies_about_length(_server: BadServer, request: web.Request, _asked: Asked) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
    await response.prepare(request)
    await response.write(b"{}")
    assert request.transport is not None
    request.transport.close()
    return response


circles: Final = body("", status=308, headers={"Location": "/call/a%20circle"})


def _foreign(text: str = "not yours") -> dict[str, Any]:
    return said({"id": FOREIGN_ID}, text)


def _version(version: Any, **fields: Any) -> Manner:  # noqa: ANN401 - any JSON
    return body(lambda asked: result(asked, {**HELLO, "protocolVersion": version, **fields}))


def _content(*blocks: Any, **fields: Any) -> Manner:  # noqa: ANN401 - any JSON
    return body(lambda asked: result(asked, {"content": list(blocks), **fields}))


def _changed(**fields: Any) -> Manner:  # noqa: ANN401 - any JSON
    """A good answer with these fields; None takes one out."""
    return body(lambda asked: {key: value for key, value in {**said(asked), **fields}.items() if value is not None})


def _request(method: str, request_id: Any = "s1") -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": {}}


def _notification(method: str, params: Any = None) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"jsonrpc": "2.0", "method": method, "params": params}


def _in_lines(answer: dict[str, Any]) -> str:
    lines = json.dumps(answer, indent=1).split("\n")
    return "".join(f"data: {line}\n" for line in lines) + "\n"


_PICTURE: Final = {"type": "image", "data": "aGk=", "mimeType": "image/png"}
_SOUND: Final = {"type": "audio", "data": "aGk=", "mimeType": "audio/wav"}
_LINK: Final = {"type": "resource_link", "uri": "file:///a", "name": "a"}
_TEXT_OF_FILE: Final = {"type": "resource", "resource": {"uri": "file:///a", "text": "inside"}}

CONNECTIONS: Final = {
    "dies": Kind("call", dies, AWAY, may=True),
    "dies in the middle": Kind("call", dies_in_the_middle, AWAY, may=True),
    "hangs before headers": Kind("call", says_nothing, LATE, may=True),
    "hangs behind headers": Kind("call", hangs_open, LATE, may=True),
    "drips": Kind("call", drips, LATE, may=True),
    "50 MB": Kind("call", floods, LARGE, may=True),
    "50 MB in a line": Kind("call", floods_a_line, LARGE, may=True),
    "lies about its length": Kind("call", lies_about_length, AWAY, may=True),
    "gzip bomb": Kind("call", body(gzip.compress(b" " * 9**8), headers={"Content-Encoding": "gzip"}), AWAY, may=True),
    "a header of 1 MB": Kind("call", body("{}", headers={"X-Long": "x" * 1_000_000}), AWAY, may=True),
    "dies at the handshake": Kind("initialize", dies, AWAY),
    "hangs at the handshake": Kind("initialize", says_nothing, LATE),
}

STATUSES: Final = {
    "202": Kind("call", body("", status=202), INVALID, may=True),
    "204": Kind("call", body("", status=204), INVALID, may=True),
    "400": Kind("call", body("no", status=400), REFUSED, says="400"),
    "400 in words": Kind("call", body(lambda asked: error(asked, -1, "Never."), status=400), REFUSED, says="Never."),
    "401": Kind("call", body("no", status=401), SIGN_IN, says="401"),
    "403": Kind("call", body("no", status=403), SIGN_IN, says="403"),
    "404": Kind("call", body("no", status=404), REFUSED, says="404"),
    "418": Kind("call", body("no", status=418), REFUSED, says="418"),
    "429": Kind("call", body("no", status=429, headers={"Retry-After": "7"}), BUSY, says="7 seconds"),
    "429 without a time": Kind("call", body("no", status=429), BUSY, says="later"),
    "429 with an odd time": Kind("call", body("no", status=429, headers={"Retry-After": "soon"}), BUSY, says="later"),
    "429 at the handshake": Kind("initialize", body("no", status=429, headers={"Retry-After": "7"}), BUSY),
    "500": Kind("call", body("oops", status=500), AWAY, may=True, says="500"),
    "500 with an error": Kind("call", body(lambda asked: error(asked, 1, "x"), status=500), AWAY, may=True, says="500"),
    "503": Kind("call", body("oops", status=503), AWAY, may=True, says="503"),
    "500 at the handshake": Kind("initialize", body("oops", status=500), AWAY),
    "401 at the handshake": Kind("initialize", body("oops", status=401), SIGN_IN),
    "redirect inward": Kind("call", body("", status=307, headers={"Location": "http://169.254.169.254/"}), REFUSED),
    "303": Kind("call", body("", status=303, headers={"Location": "/call/fine"}), REFUSED, may=True),
    "a circle": Kind("call", circles, REFUSED),
}

MESSAGES: Final = {
    "no JSON": Kind("call", body("{'jsonrpc': oops"), INVALID, may=True),
    "nothing": Kind("call", body(""), INVALID, may=True),
    "UTF-16": Kind("call", body('{"jsonrpc": "2.0"}'.encode("utf-16")), INVALID, may=True),
    "a web page": Kind("call", body("<p>", headers={"Content-Type": "text/html"}), INVALID, may=True),
    "no content type": Kind("call", body("<p>", headers={"Content-Type": ""}), INVALID, may=True),
    "a number": Kind("call", body("7"), INVALID, may=True),
    "10,000 deep": Kind("call", body("[" * _DEEP + "]" * _DEEP), INVALID, may=True),
    "10,000 deep in an event": Kind("call", stream(f"data: {'[' * _DEEP}\n\n", said)),
    "another's id": Kind("call", body(_foreign()), INVALID, may=True),
    "another's id in an event": Kind("call", stream(_foreign(), said)),
    "another's id, then nothing": Kind("call", foreign_then_silent, LATE, may=True),
    "another's error": Kind("call", stream(error({"id": FOREIGN_ID}, 1, "not yours"), said)),
    "no id": Kind("call", _changed(id=None), INVALID, may=True),
    "an id as text": Kind("call", body(lambda asked: {**said(asked), "id": str(asked["id"])})),
    "an id that is true": Kind("call", _changed(id=True), INVALID, may=True),
    "an id that is a list": Kind("call", stream({"jsonrpc": "2.0", "id": [1], "result": {}}, said)),
    "JSON-RPC 1.0": Kind("call", _changed(jsonrpc="1.0"), INVALID, may=True),
    "JSON-RPC 3.0 in an event": Kind("call", stream({**_foreign(), "jsonrpc": "3.0"}, said)),
    "no version": Kind("call", _changed(jsonrpc=None), INVALID, may=True),
    "result and error": Kind("call", _changed(error={"code": 1, "message": "x"}), INVALID, may=True),
    "neither": Kind("call", _changed(result=None), INVALID, may=True),
    "a result that is a list": Kind("call", body(lambda asked: result(asked, [])), INVALID, may=True),
    "an error in words": Kind(
        "call", body(lambda asked: error(asked, -32000, "Not today.")), REFUSED, says="Not today."
    ),
    "an error inside": Kind("call", body(lambda asked: error(asked, -32603, "Oops.")), REFUSED, may=True, says="Oops."),
    "a long error": Kind("call", body(lambda asked: error(asked, -32000, "Not today. " * 900)), REFUSED),
    "an error without words": Kind("call", body(lambda asked: error(asked, "x", None)), REFUSED),
    "an error that is text": Kind("call", _changed(result=None, error="no"), REFUSED),
    "an error of no id": Kind("call", body(lambda _: error({"id": None}, -32600, "Bad request.")), REFUSED, says="Bad"),
    "a batch": Kind("call", body(lambda asked: [_notification("x"), _foreign(), said(asked)])),
    "a batch in an event": Kind("call", stream(lambda asked: [_notification("x"), _foreign(), said(asked)])),
    "an empty batch": Kind("call", body([]), INVALID, may=True),
    "half a character": Kind("call", body(lambda asked: json.dumps(said(asked, "said \ud800"))), INVALID, may=True),
    "a NUL": Kind("call", body(lambda asked: said(asked, "sa\0id"))),
    "NaN": Kind("call", body('{"jsonrpc": "2.0", "result": NaN}'), INVALID, may=True),
}

EVENTS: Final = {
    "no event": Kind("call", stream(), AWAY, may=True),
    "an unknown event": Kind("call", stream("event: weather\ndata: {}\n\n", said)),
    "an answer as an unknown event": Kind("call", stream("event: gossip\ndata: not JSON\n\n", said)),
    "comments": Kind("call", stream(": hello\n\n", ":\n", "\n\n\n", said, ": bye\n\n")),
    "fields that are none": Kind("call", stream("weather: fine\nretry: soon\nid\n\n", said)),
    "carriage returns": Kind(
        "call", stream(lambda asked: f"event: message\r\ndata: {json.dumps(said(asked))}\r\n\r\n")
    ),
    "several lines": Kind("call", stream(lambda asked: _in_lines(said(asked)))),
    "a mark at the beginning": Kind("call", stream(lambda asked: f"\ufeffdata: {json.dumps(said(asked))}\n\n")),
    "no JSON in an event": Kind("call", stream("data: [DONE]\n\n", "data: {oops\n\n", said)),
    "no blank line at the end": Kind(
        "call", stream(lambda asked: f"data: {json.dumps(said(asked))}\n"), AWAY, may=True
    ),
    "unknown notifications": Kind("call", stream(_notification("notifications/weather"), _notification("x", []), said)),
    "odd notifications": Kind("call", stream(_notification("notifications/progress", {"progress": "?"}), said)),
    "a million of progress": Kind("call", stream(*[_PROGRESS] * 5_000, said)),
    "endless progress": Kind("call", progresses, LATE, may=True),
    "a ping": Kind("call", stream(_request("ping"), said)),
    "sampling": Kind("call", stream(_request("sampling/createMessage"), said)),
    "elicitation": Kind("call", stream(_request("elicitation/create"), said)),
    "roots": Kind("call", stream(_request("roots/list"), said)),
    "an unknown request": Kind("call", stream(_request("weather/get"), said)),
    "a request with an odd id": Kind("call", stream(_request("ping", None), _request("ping", {}), said)),
    "a thousand pings": Kind("call", stream(*[_request("ping", at) for at in range(1_000)], said)),
    "resumed": Kind("call", resumes),
    "not resumed": Kind("call", refuses_to_resume, AWAY, may=True),
    "never resumed": Kind("call", stream("id: 1\nretry: 1\ndata:\n\n"), LATE, may=True),
    "a request of our own id": Kind("call", stream(lambda asked: _request("ping", asked["id"]), said)),
}

RESULTS: Final = {
    "pictures, sounds, links": Kind(
        "call", _content({"type": "text", "text": "said"}, _PICTURE, _SOUND, _LINK, _TEXT_OF_FILE), says="inside"
    ),
    "an unknown kind of content": Kind("call", _content({"type": "hologram"}, {"type": "text", "text": "said"})),
    "content that is none": Kind("call", _content(7, None, {"type": "text"}, {"type": "text", "text": "said"})),
    "no content": Kind("call", body(lambda asked: result(asked, {})), INVALID, may=True),
    "content that is text": Kind("call", body(lambda asked: result(asked, {"content": "said"})), INVALID, may=True),
    "failed without a word": Kind("call", _content(isError=True), FAILED, says="did not say why"),
    "failed, perhaps": Kind("call", _content(isError="perhaps"), INVALID, may=True),
    "structure that is a list": Kind("call", _content(structuredContent=["said"]), INVALID, may=True),
    "asks for input": Kind(
        "call",
        body(lambda asked: result(asked, {"resultType": "input_required", "inputRequests": {}})),
        INVALID,
        may=True,
    ),
}

SESSIONS: Final = {
    "1999": Kind("initialize", _version("1999-01-01"), VERSION),
    "2099": Kind("initialize", _version("2099-12-31"), VERSION),
    "a version that is none": Kind("initialize", _version(7), INVALID),
    "no name": Kind("initialize", _version("2025-06-18", serverInfo=None), INVALID),
    "another session": Kind("call", body(said, headers={"Mcp-Session-Id": "other"})),
    "refuses initialized": Kind("initialized", body("no", status=401)),
    "breaks at initialized": Kind("initialized", body("no", status=500)),
    "hangs at initialized": Kind("initialized", says_nothing),
    "refuses to be listened to": Kind("listen", body("no", status=401)),
    "breaks when listened to": Kind("listen", dies),
    "floods who listens": Kind("listen", floods_a_line),
    "hangs when listened to": Kind("listen", hangs_open),
    "refuses the end": Kind("end", body("no", status=401)),
    "breaks at the end": Kind("end", body("no", status=500)),
    "dies at the end": Kind("end", dies),
    "hangs at the end": Kind("end", says_nothing),
    "floods at the end": Kind("end", floods),
}

KINDS: Final = {**CONNECTIONS, **STATUSES, **MESSAGES, **EVENTS, **RESULTS, **SESSIONS}


def pages(server: BadServer, cursors: list[Any]) -> Manner:
    """Lists in pages, the last cursor for ever."""

    async def answer(_server: BadServer, _request: web.Request, asked: Asked) -> web.StreamResponse:
        page = sum(message.get("method") == "tools/list" for message in server.told) - 1
        tools = [{**tool, "name": f"{tool['name']}-{page}"} for tool in server.tools]
        return web.json_response(result(asked, {"tools": tools, "nextCursor": cursors[min(page, len(cursors) - 1)]}))

    return answer
