"""The fault proxy does to a connection what it says."""

import asyncio
import time
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from tests.runs.waiting import LONGEST, until
from tests.simulators.fault_proxy import FaultProxy, fault_proxy


@pytest.fixture
async def proxy() -> AsyncIterator[FaultProxy]:
    """In front of a server that says everything back."""

    async def echo(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(65_536):
                writer.write(block)
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        async with fault_proxy(f"{host}:{port}") as made:
            yield made


class Caller:
    """A client of the echo."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def echoed(self, said: bytes) -> bytes:
        self._writer.write(said)
        async with asyncio.timeout(LONGEST):
            return await self._reader.readexactly(len(said))

    async def hears_nothing(self, said: bytes) -> bool:
        self._writer.write(said)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await self._reader.read(1)
            return False
        return True

    def close(self) -> None:
        self._writer.transport.abort()


Call = Callable[[], Awaitable[Caller]]


@pytest.fixture
async def call(proxy: FaultProxy) -> AsyncIterator[Call]:
    """Connect; the connections are closed at the end."""
    callers: list[Caller] = []

    async def connect() -> Caller:
        callers.append(Caller(*await asyncio.open_connection("127.0.0.1", proxy.port)))
        return callers[-1]

    yield connect
    for caller in callers:
        caller.close()


async def test_passes_everything_on(call: Call) -> None:
    caller = await call()
    said = bytes(range(256)) * 4_000
    assert await caller.echoed(said) == said


async def test_a_round_trip_takes_longer(proxy: FaultProxy, call: Call) -> None:
    caller = await call()
    proxy.latency = 0.2
    began = time.monotonic()
    await caller.echoed(b"x")
    assert time.monotonic() - began >= 0.19


async def test_bytes_come_slowly(proxy: FaultProxy, call: Call) -> None:
    caller = await call()
    proxy.bytes_per_second = 10_000
    began = time.monotonic()
    await caller.echoed(b"x" * 1_000)
    assert time.monotonic() - began >= 0.1


async def test_connections_are_reset(proxy: FaultProxy, call: Call) -> None:
    caller = await call()
    await caller.echoed(b"x")
    assert proxy.reset() == 1
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await caller.echoed(b"y")


async def test_silence_and_its_end(proxy: FaultProxy, call: Call) -> None:
    caller, other = await call(), await call()
    await asyncio.gather(caller.echoed(b"x"), other.echoed(b"x"))
    proxy.go_silent()
    assert await caller.hears_nothing(b"y")
    late = await call()
    assert await late.hears_nothing(b"z")
    proxy.heal()
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await caller.echoed(b"again")
    assert await other.echoed(b"as before") == b"as before"


async def test_a_connection_is_cut_within_an_answer(proxy: FaultProxy, call: Call) -> None:
    caller = await call()
    proxy.cut_after(3)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await caller.echoed(b"hello")
    proxy.heal()
    assert await (await call()).echoed(b"hello") == b"hello"


async def test_new_connections_are_refused_for_a_while(proxy: FaultProxy, call: Call) -> None:
    caller = await call()
    await proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        await call()
    assert await caller.echoed(b"still here") == b"still here"
    await proxy.accept()
    assert await (await call()).echoed(b"x") == b"x"
    await until(lambda: proxy.accepted == 2)
