"""Clients that are slow, many, or do not listen, at the edge of a real server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from coda.cli.listening import EmbeddedServer
from coda.cli.protocols import AddressBook, ConnectionLimits, bounded_protocols

QUICK = ConnectionLimits(
    head_seconds=0.3, head_bytes=8_000, headers=50, linger_seconds=0.3, stall_seconds=0.4, stall_bytes=1_000
)
GIVEN_UP = 5.0
LARGE = b"x" * 30_000_000


class Told:
    """What became of the answers that the application gave, and of the connections."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.left = asyncio.Event()


class Noting(AddressBook):
    """Tells when a connection is over."""

    def __init__(self, most: int, *, is_exempt: Callable[[str], bool], told: Told) -> None:
        super().__init__(most, is_exempt=is_exempt)
        self._told = told

    def leave(self, address: str | None) -> None:
        super().leave(address)
        self._told.left.set()


def make_app(told: Told) -> Starlette:
    async def echo(request: Request) -> Response:
        return PlainTextResponse(f"{len(await request.body())} bytes")

    async def refuse(_: Request) -> Response:
        return PlainTextResponse("no", 401)

    async def large(_: Request) -> Response:
        return Response(LARGE)

    async def endless(_: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"data: " + b"y" * 100_000 + b"\n\n"
                    await asyncio.sleep(0)
            finally:
                told.ended.set()

        return StreamingResponse(chunks(), media_type="text/event-stream")

    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text("z" * 100_000)
        finally:
            told.ended.set()

    handlers = (echo, refuse, large, endless)
    routes = [Route(f"/{handler.__name__}", handler, methods=["GET", "POST"]) for handler in handlers]
    return Starlette(routes=[*routes, WebSocketRoute("/talk", talk)])


@asynccontextmanager
async def serving(
    told: Told, *, most: int = 100, is_exempt: Callable[[str], bool] = lambda _: True, keep_alive: float = 5
) -> AsyncIterator[tuple[str, int]]:
    http, ws = bounded_protocols(QUICK, Noting(most, is_exempt=is_exempt, told=told))
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        make_app(told), http=http, ws=ws, lifespan="off", log_config=None, timeout_keep_alive=keep_alive,  # type: ignore[arg-type]
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = EmbeddedServer(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    host, port = listening.getsockname()[:2]
    yield host, port
    server.should_exit = server.force_exit = True
    await task


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
async def place(told: Told) -> AsyncIterator[tuple[str, int]]:
    async with serving(told) as where:
        yield where


async def say(place: tuple[str, int], text: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(*place, limit=2**16)
    writer.write(text)
    await writer.drain()
    return reader, writer


async def heard(reader: asyncio.StreamReader) -> bytes:
    """Everything until the server closes."""
    async with asyncio.timeout(GIVEN_UP):
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: x", *headers, "", "")).encode()


class TestHeads:
    @pytest.mark.parametrize("text", [b"", b"G", b"GET / HTTP/1.1\r\nHost: x\r\n"])
    async def test_half_a_head_is_given_up(self, place: tuple[str, int], text: bytes) -> None:
        reader, writer = await say(place, text)

        answer = await heard(reader)

        assert answer.startswith(b"HTTP/1.1 408") if text else answer == b""
        writer.close()

    async def test_half_a_head_after_an_answer_is_given_up_too(self, place: tuple[str, int]) -> None:
        reader, writer = await say(place, get("/echo"))
        assert (await reader.readuntil(b"0 bytes")).startswith(b"HTTP/1.1 200")
        writer.write(b"GET /ec")

        assert (await heard(reader)).startswith(b"HTTP/1.1 408")
        writer.close()

    async def test_a_trickled_head_has_no_longer(self, place: tuple[str, int]) -> None:
        reader, writer = await say(place, b"GET / HTTP/1.1\r\n")
        began = monotonic()

        async def trickle() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        await heard(reader)
        trickling.cancel()

        assert monotonic() - began < 2
        writer.close()

    @pytest.mark.parametrize("headers", [["X: " + "y" * 9_000], [f"X-{number}: y" for number in range(60)]])
    async def test_a_head_that_is_too_large_is_refused(self, place: tuple[str, int], headers: list[str]) -> None:
        reader, writer = await say(place, get("/echo", *headers)[:-2])
        writer.write(b"\r\n")

        assert (await heard(reader)).startswith(b"HTTP/1.1 431")
        writer.close()

    async def test_many_requests_on_one_connection_are_served(self, place: tuple[str, int]) -> None:
        reader, writer = await say(place, b"")
        for size in (0, 10, 50_000):
            head = f"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\n".encode()
            writer.write(head + b"b" * size)
            assert await reader.readuntil(f"{size} bytes".encode())
        writer.close()


class TestBodies:
    async def test_what_is_left_of_a_refused_body_is_not_taken_for_ever(self, place: tuple[str, int]) -> None:
        reader, writer = await say(place, b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nsome")
        began = monotonic()

        answer = await heard(reader)

        assert answer.startswith(b"HTTP/1.1 401")
        assert monotonic() - began < 2
        writer.close()

    async def test_a_connection_whose_refused_body_came_is_used_again(self, place: tuple[str, int]) -> None:
        reader, writer = await say(place, b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nfour")
        await reader.readuntil(b"\r\n\r\nno")
        writer.write(b"more" + get("/echo"))

        assert await reader.readuntil(b"0 bytes")
        writer.close()

    async def test_an_idle_connection_is_closed_also_after_a_refused_body(self, told: Told) -> None:
        async with serving(told, keep_alive=1) as place:
            reader, writer = await say(place, b"POST /refuse HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\nfour")
            await reader.readuntil(b"\r\n\r\nno")
            writer.write(b"more")

            assert await heard(reader) == b""
            writer.close()


class TestListeners:
    """A client that asks and then does not read."""

    @pytest.mark.parametrize("path", ["/endless", "/talk"])
    async def test_who_never_reads_is_dropped(self, place: tuple[str, int], told: Told, path: str) -> None:
        upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")
        key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        with deaf(place) as client:
            client.sendall(get(path, *upgrade, key) if path == "/talk" else get(path))

            async with asyncio.timeout(GIVEN_UP):
                await told.ended.wait()

    async def test_a_large_file_that_nobody_takes_is_dropped(self, place: tuple[str, int], told: Told) -> None:
        with deaf(place) as client:
            client.sendall(get("/large"))
            client.setblocking(False)
            async with asyncio.timeout(GIVEN_UP):
                await told.left.wait()

            loop, taken = asyncio.get_running_loop(), 0
            async with asyncio.timeout(GIVEN_UP):
                try:
                    while chunk := await loop.sock_recv(client, 2**20):
                        taken += len(chunk)
                except ConnectionResetError:
                    pass
        assert taken < len(LARGE)

    async def test_who_takes_it_slowly_gets_all_of_it(self, place: tuple[str, int]) -> None:
        with deaf(place, room=64 * 1024) as client:
            client.sendall(get("/large"))
            client.setblocking(False)
            began, taken = monotonic(), 0
            while taken < len(LARGE):
                taken += len(await asyncio.get_running_loop().sock_recv(client, 300_000))
                await asyncio.sleep(0.005)

        assert monotonic() - began > 2 * QUICK.stall_seconds


def deaf(place: tuple[str, int], *, room: int = 4_096) -> socket.socket:
    """A connection with little room for what it does not read."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.connect(place)
    return client


class TestAddresses:
    async def test_one_address_has_so_many_connections_and_no_more(self, told: Told) -> None:
        async with serving(told, most=2, is_exempt=lambda _: False) as place:
            lines = [await say(place, get("/echo")) for _ in range(2)]
            for reader, _ in lines:
                await reader.readuntil(b"0 bytes")
            refused, writer = await say(place, b"")
            assert await heard(refused) == b""
            writer.close()

            lines[0][1].close()
            await lines[0][1].wait_closed()
            async with asyncio.timeout(GIVEN_UP):
                while True:
                    reader, writer = await say(place, get("/echo"))
                    if b"200" in await reader.read(100):
                        break
            writer.close()
            lines[1][1].close()

    def test_only_open_connections_are_remembered(self) -> None:
        book = AddressBook(2, is_exempt=lambda address: address == "127.0.0.1")
        homes = ["2001:db8::1", "2001:db8::2", "2001:db8::3"]
        assert [book.enter(home) for home in homes] == [True, True, False]
        assert all(book.enter(address) for address in ("192.0.2.1", "127.0.0.1", None))
        for address in (*homes[:2], "192.0.2.1", "127.0.0.1", None):
            book.leave(address)

        assert not book._open
