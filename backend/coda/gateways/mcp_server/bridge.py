"""MCP on standard input and output, handed on to a Coda over HTTP. Loads nothing of `mcp`: lines are passed through."""

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Final

import aiohttp
import orjson

from coda.core.errors import CodaError, ErrorKind
from coda.core.tasks import BackgroundTasks
from coda.gateways.mcp_server.types import RequestId

_PARSE_ERROR: Final = -32700
_CONNECTION_LOST: Final = -32000
_VERSION_KEY: Final = "io.modelcontextprotocol/protocolVersion"
_NAMED_BY: Final[Mapping[str, str]] = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_PATIENCE: Final = 1.0
"""Seconds for answers that are under way when the client has no more to say; after 2, clients kill."""
_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, connect=30, sock_read=60)
"""A stream that works says so every 15 seconds."""
_READ: Final = 65_536
_MOST_CHUNKS: Final = 16
_UNAUTHENTICATED: Final = 401
_DATA: Final = b"data:"


class CodaUnreachable(CodaError):
    """Nothing that is Coda answers at the address."""

    kind = ErrorKind.UNAVAILABLE
    code = "mcp.unreachable"

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"Coda does not answer at {url}: {reason}. Is it running, and is the address right?")


class KeyRefused(CodaError):
    """Coda does not know the key."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "mcp.key_refused"

    def __init__(self, url: str) -> None:
        super().__init__(f"Coda at {url} refuses the API key in CODA_API_KEY. Make another one in its settings.")


@dataclass(slots=True)
class Bridge:
    """Sends each message of a client in a request of its own, and writes what comes back."""

    http: aiohttp.ClientSession
    url: str
    write: Callable[[bytes], None]
    version: str | None = None
    """The revision that was agreed upon, where the client does not name it in each message."""
    _requests: dict[RequestId, asyncio.Task[None]] = field(default_factory=dict)
    _sending: BackgroundTasks = field(default_factory=BackgroundTasks)

    async def run(self, lines: AsyncIterator[bytes]) -> None:
        """Until the client has no more to say; what then still works is given a moment, and ended."""
        async for line in lines:
            if line.strip():
                self._take(line)
        await self._sending.end(within=_PATIENCE)

    def _take(self, line: bytes) -> None:
        try:
            message = orjson.loads(line)
        except orjson.JSONDecodeError:
            self._fail(None, _PARSE_ERROR, "This line is not JSON.")
            return
        match message:
            case {"method": "notifications/cancelled", "params": {"requestId": str() | int() as request_id}}:
                if task := self._requests.get(request_id):
                    task.cancel()  # the request's end is what Coda hears of it
            case {"method": str(), "id": str() | int() as request_id}:
                task = self._requests[request_id] = self._start(line, message, request_id)
                task.add_done_callback(lambda _: self._requests.pop(request_id, None))
            case _:
                self._start(line, message, None)

    def _start(self, line: bytes, message: Any, request_id: RequestId | None) -> asyncio.Task[None]:  # noqa: ANN401 - any JSON
        """Send a line beside the others: nothing that a client says waits for an answer to what it said before."""
        return self._sending.start(self._send(line.strip(), self._headers(message), request_id))

    async def _send(self, line: bytes, headers: Mapping[str, str], request_id: RequestId | None) -> None:
        try:
            async with self.http.post(self.url, data=line, headers=headers) as response:
                if response.content_type == "text/event-stream":
                    is_answered = await self._pass_events(response)
                else:
                    is_answered = self._pass_body(await response.read(), request_id)
        except (aiohttp.ClientError, TimeoutError) as error:
            self._fail(
                request_id, _CONNECTION_LOST, f"The connection to Coda is lost: {error or type(error).__name__}."
            )
            return
        if not is_answered and request_id is not None:
            self._fail(request_id, _CONNECTION_LOST, f"Coda has not answered this request (HTTP {response.status}).")

    def _headers(self, message: Any) -> dict[str, str]:  # noqa: ANN401 - any JSON
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if not isinstance(message, dict):
            return headers
        method, params = message.get("method"), message.get("params")
        params = params if isinstance(params, dict) else {}
        meta = params.get("_meta")
        named = meta.get(_VERSION_KEY) if isinstance(meta, dict) else None
        if named is None:
            return headers if self.version is None or method == "initialize" else headers | _version(self.version)
        headers |= _version(str(named)) | {"Mcp-Method": _header_value(str(method))}
        name = params.get(_NAMED_BY.get(str(method), ""))
        return headers | {"Mcp-Name": _header_value(name)} if isinstance(name, str) else headers

    async def _pass_events(self, response: aiohttp.ClientResponse) -> bool:
        """Whether the answer was among the events of a stream."""
        is_answered, rest = False, b""
        async for chunk in response.content.iter_any():
            *lines, rest = (rest + chunk).splitlines(keepends=True) or [b""]
            if rest.endswith(b"\n"):
                lines, rest = [*lines, rest], b""
            for line in lines:
                if line.startswith(_DATA):
                    is_answered |= self._pass(line.removeprefix(_DATA).strip())
        return is_answered

    def _pass_body(self, body: bytes, request_id: RequestId | None) -> bool:
        """An answer as JSON. Where it was refused unread, it does not say which request it is about."""
        try:
            answer = orjson.loads(body)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(answer, dict) or "jsonrpc" not in answer:
            return False
        if answer.get("id") is None:
            answer["id"] = request_id
        return self._pass(orjson.dumps(answer))

    def _pass(self, text: bytes) -> bool:
        """Write a message of Coda's; whether it ends a request. What is none is left out."""
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(message, dict):
            return False
        result = message.get("result")
        if isinstance(result, dict) and isinstance(result.get("protocolVersion"), str):
            self.version = result["protocolVersion"]
        self.write(text + b"\n")
        return "method" not in message

    def _fail(self, request_id: RequestId | None, code: int, message: str) -> None:
        error = {"code": code, "message": message}
        self.write(orjson.dumps({"jsonrpc": "2.0", "id": request_id, "error": error}) + b"\n")


async def run_bridge(url: str, key: str, *, is_local: bool) -> None:
    """Serve whoever holds the other ends of standard input and output, until they close the first.

    `is_local`: no proxy is asked. Raises CodaUnreachable, KeyRefused.
    """
    headers = {"Authorization": f"Bearer {key}"}
    async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT, trust_env=not is_local) as http:
        await _check(http, url)
        wire = _take_stdout()
        await Bridge(http, f"{url}/mcp", wire).run(_lines(_start_reading()))


async def _check(http: aiohttp.ClientSession, url: str) -> None:
    """What is wrong is said in a sentence, before the client begins to wait."""
    try:
        async with http.get(f"{url}/api/v1/me") as response:
            if response.status == _UNAUTHENTICATED:
                raise KeyRefused(url)
            if response.content_type != "application/json":
                raise CodaUnreachable(url, f"HTTP {response.status} of something else")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise CodaUnreachable(url, str(error) or type(error).__name__) from None


def _take_stdout() -> Callable[[bytes], None]:
    """Keep standard output for the protocol: whatever else writes to it goes to standard error."""
    wire = os.dup(1)
    os.dup2(2, 1)

    def write(data: bytes) -> None:
        while data:
            data = data[os.write(wire, data) :]

    return write


def _start_reading() -> "asyncio.Queue[bytes]":
    """Read standard input in a thread that nobody waits for: files, pipes and terminals alike. Empty at its end."""
    loop, chunks = asyncio.get_running_loop(), asyncio.Queue[bytes](_MOST_CHUNKS)

    def read() -> None:
        chunk = b"-"
        while chunk:
            chunk = os.read(0, _READ)
            asyncio.run_coroutine_threadsafe(chunks.put(chunk), loop).result()

    Thread(target=read, daemon=True, name="stdin").start()
    return chunks


async def _lines(chunks: "asyncio.Queue[bytes]") -> AsyncIterator[bytes]:
    rest: list[bytes] = []
    while chunk := await chunks.get():
        *whole, last = chunk.split(b"\n")
        for line in whole:
            yield b"".join([*rest, line])
            rest = []
        rest.append(last)
    yield b"".join(rest)


def _version(version: str) -> dict[str, str]:
    return {"MCP-Protocol-Version": _header_value(version)}


def _header_value(value: str) -> str:
    """As headers can hold it: what they cannot is told in base64, as the protocol says."""
    if value.isascii() and value.isprintable() and value == value.strip() and not value.startswith("=?base64?"):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode()}?="
