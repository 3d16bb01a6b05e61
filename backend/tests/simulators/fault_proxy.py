"""A TCP proxy in front of a real server: makes the network slow, silent, cut or closed, and well again, at run time."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

_BLOCK: Final = 64 * 1024
_UNDER_WAY: Final = 256
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class FaultProxy:
    """Listens on a port of its own and passes every connection on to `upstream`: `host:port`, or a socket's path.

    `latency` is what a round trip takes longer, in seconds; `bytes_per_second` bounds each direction of a connection.
    Both count from the next byte on.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._links: set[_Link] = set()
        self.port = 0
        self.accepted = 0
        self.latency = 0.0
        self.bytes_per_second: int | None = None
        self.is_silent = False
        self.bytes_left: int | None = None

    async def accept(self) -> None:
        """Listen (again), always on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Refuse new connections; the ones that there are stay."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def reset(self) -> int:
        """Break every connection with a RST; gives their number."""
        links = list(self._links)
        for link in links:
            link.reset()
        return len(links)

    def go_silent(self) -> None:
        """Half-open: connections stand and new ones are accepted, but not a byte comes through, and no end either."""
        self.is_silent = True

    def cut_after(self, size: int) -> None:
        """Break a connection with a RST once so many more bytes have come back from the server, on whichever."""
        self.bytes_left = size

    def heal(self) -> None:
        """No fault any more. Connections that have lost bytes end, as they would after a silence that long."""
        self.is_silent, self.latency, self.bytes_per_second, self.bytes_left = False, 0.0, None, None
        for link in list(self._links):
            if link.has_lost:
                link.reset()

    async def close(self) -> None:
        """Refuse, and break everything."""
        await self.refuse()
        self.reset()
        while self._links:
            await asyncio.wait({link.ended for link in self._links})

    def allowance(self, size: int) -> int:
        """How many of the bytes that came back may pass before the connection is cut."""
        if self.bytes_left is None:
            return size
        passed = min(size, self.bytes_left)
        self.bytes_left -= passed
        return passed

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.accepted += 1
        link = _Link(self, writer)
        self._links.add(link)
        try:
            await link.carry(reader, self._upstream)
        finally:
            self._links.discard(link)
            link.ended.set_result(None)


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: FaultProxy, client: StreamWriter) -> None:
        self._proxy, self._client = proxy, client
        self._server: StreamWriter | None = None
        self._broken = asyncio.Event()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.has_lost = False

    async def carry(self, client: StreamReader, upstream: str) -> None:
        """Pass bytes on in both directions until one end is closed or the connection is reset."""
        try:
            server, self._server = await _connect(upstream)
        except OSError:
            self.reset()
            return
        tasks = [
            asyncio.create_task(self._pump(client, self._server, is_answer=False)),
            asyncio.create_task(self._pump(server, self._client, is_answer=True)),
            asyncio.create_task(self._broken.wait()),
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in (self._client, self._server):
            writer.close()

    def reset(self) -> None:
        """Break both ends with a RST."""
        for writer in (self._client, self._server):
            if writer is not None:
                end = writer.get_extra_info("socket")
                if end is not None and end.family != socket.AF_UNIX:
                    with suppress(OSError):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                writer.transport.abort()
        self._broken.set()

    async def _pump(self, source: StreamReader, target: StreamWriter, *, is_answer: bool) -> None:
        """Blocks wait for their time in order, so that a slow round trip costs no throughput."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_UNDER_WAY)
        delivering = asyncio.create_task(self._deliver(under_way, target, is_answer=is_answer))
        try:
            while block := await _read(source):
                due = asyncio.get_running_loop().time() + self._proxy.latency / 2
                await under_way.put((due, block))
            if self._proxy.is_silent:  # the end of a connection is not heard of either
                self.has_lost = True
                await self._broken.wait()
            await under_way.join()
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)

    async def _deliver(
        self, under_way: "asyncio.Queue[tuple[float, bytes]]", target: StreamWriter, *, is_answer: bool
    ) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, block = await under_way.get()
            await asyncio.sleep(max(0.0, due - clock()))
            if self._proxy.is_silent:
                self.has_lost = True
            else:
                await self._send(block, target, is_answer=is_answer)
            under_way.task_done()

    async def _send(self, block: bytes, target: StreamWriter, *, is_answer: bool) -> None:
        passed = self._proxy.allowance(len(block)) if is_answer else len(block)
        with suppress(OSError):  # whoever reads will find the end
            for piece in _pieces(block[:passed], self._proxy.bytes_per_second):
                if self._proxy.bytes_per_second:
                    await asyncio.sleep(len(piece) / self._proxy.bytes_per_second)
                target.write(piece)
                await target.drain()
        if passed < len(block):
            self.reset()


def _pieces(block: bytes, bytes_per_second: int | None) -> list[bytes]:
    size = max(1, bytes_per_second // 20) if bytes_per_second else _BLOCK
    return [block[at : at + size] for at in range(0, len(block), size)]


async def _read(source: StreamReader) -> bytes:
    try:
        return await source.read(_BLOCK)
    except OSError:
        return b""


async def _connect(upstream: str) -> tuple[StreamReader, StreamWriter]:
    if upstream.startswith("/"):
        return await asyncio.open_unix_connection(upstream)
    host, port = upstream.rsplit(":", 1)
    return await asyncio.open_connection(host, int(port))


@asynccontextmanager
async def fault_proxy(upstream: str) -> AsyncIterator[FaultProxy]:
    """A listening proxy, closed at the end."""
    proxy = FaultProxy(upstream)
    await proxy.accept()
    try:
        yield proxy
    finally:
        await proxy.close()
