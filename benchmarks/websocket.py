"""A WebSocket client that costs next to nothing, so that the load does not disturb what it measures."""

import asyncio
import base64
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_FIN = 0x80
_SHORT, _MEDIUM = 125, 126
_NO_MASK = b"\x00\x00\x00\x00"


@dataclass(slots=True)
class Handlers:
    """What happens with each text, and when the connection is gone."""

    text: Callable[[bytes], None]
    closed: Callable[[str], None]


class WebSocketClient(asyncio.Protocol):
    """One connection. Only what a server here sends is understood: whole text frames, ping, close."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._buffer = bytearray()
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._why = "connection lost"

    @classmethod
    async def open(cls, url: str, handlers: Handlers, *, token: str | None = None) -> "WebSocketClient":
        """Connect and shake hands; raises ConnectionError."""
        parts = urlsplit(url)
        request = _Request(parts.hostname or "", parts.port or 80, parts.path, token)
        loop = asyncio.get_running_loop()
        transport, client = await loop.create_connection(lambda: cls(handlers), request.host, request.port)
        transport.write(request.render())
        await client._opened
        return client

    def send(self, text: bytes) -> None:
        """Send a text frame (masked, as a client must, with a mask that changes nothing)."""
        self._send(_TEXT, text)

    def close(self) -> None:
        """Leave."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Tell whoever waits."""
        self._transport = None
        if not self._opened.done():
            self._opened.set_exception(ConnectionError(self._why))
        self._handlers.closed(self._why)

    def data_received(self, data: bytes) -> None:
        """Hand out every frame that is whole."""
        self._buffer += data
        if not self._opened.done():
            self._shake_hands()
        if self._opened.done():
            while self._take_frame():
                pass

    def _shake_hands(self) -> None:
        head, mark, rest = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            self._why = head.decode(errors="replace").split("\r\n", 1)[0]
            self.close()
            return
        self._buffer = rest
        self._opened.set_result(None)

    def _take_frame(self) -> bool:
        buffer = self._buffer
        if len(buffer) < 2:
            return False
        size, begin = buffer[1], 2
        if size == _MEDIUM:
            size, begin = int.from_bytes(buffer[2:4], "big"), 4
        elif size > _MEDIUM:
            size, begin = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < begin + size:
            return False
        kind, payload = buffer[0], bytes(buffer[begin : begin + size])
        del buffer[: begin + size]
        self._receive(kind, payload)
        return True

    def _receive(self, kind: int, payload: bytes) -> None:
        if kind == _FIN | _TEXT:
            self._handlers.text(payload)
        elif kind == _FIN | _PING:
            self._send(_PONG, payload)
        elif kind == _FIN | _CLOSE:
            self._why = f"closed with {int.from_bytes(payload[:2], 'big')}"
            self.close()
        elif kind != _FIN | _PONG:
            self._why = f"a frame of kind {kind:#x} was not expected"
            self.close()

    def _send(self, kind: int, payload: bytes) -> None:
        if self._transport is None:
            return
        size = len(payload)
        if size <= _SHORT:
            head = bytes((_FIN | kind, _FIN | size))
        else:
            head = bytes((_FIN | kind, _FIN | _MEDIUM)) + size.to_bytes(2, "big")
        self._transport.write(head + _NO_MASK + payload)


@dataclass(frozen=True, slots=True)
class _Request:
    host: str
    port: int
    path: str
    token: str | None
    key: str = field(default_factory=lambda: base64.b64encode(os.urandom(16)).decode())

    def render(self) -> bytes:
        lines = [
            f"GET {self.path} HTTP/1.1",
            f"Host: {self.host}:{self.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {self.key}",
            "Sec-WebSocket-Version: 13",
        ]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join([*lines, "", ""]).encode()
