"""Connections of uvicorn with what it lacks: limits on how long a client may take, to speak and to listen.

uvicorn waits for ever for the end of a request's head, keeps a connection whose client trickles what nobody reads, and
holds what a client does not take. How long a body may take is the application's to say (`core.http.body_limit`).
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from coda.core.networks import home_network

_HEADERS_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
)
_TIMEOUT: Final = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of one connection. Times are seconds, sizes bytes."""

    head_seconds: float = 20.0
    head_bytes: int = 64 * 1024
    headers: int = 200
    linger_seconds: float = 5.0
    """How long what is left of a refused body is taken and thrown away, so that its sender reads the answer."""
    stall_seconds: float = 60.0
    stall_bytes: int = 16 * 1024
    """A client that is sent more than it takes must take at least so much in each `stall_seconds`."""


class AddressBook:
    """How many connections each address has; only those that are open are kept."""

    def __init__(self, most: int, *, is_exempt: Callable[[str], bool]) -> None:
        self._most, self._is_exempt = most, is_exempt
        self._open: Counter[str] = Counter()

    def enter(self, address: str | None) -> bool:
        """Count one more; False, and not counted, where there are too many."""
        if address is None or self._is_exempt(address):
            return True
        network = home_network(address)
        if self._open[network] >= self._most:
            return False
        self._open[network] += 1
        return True

    def leave(self, address: str | None) -> None:
        """One that was counted is over."""
        if address is None or self._is_exempt(address):
            return
        network = home_network(address)
        self._open[network] -= 1
        if self._open[network] <= 0:
            del self._open[network]


class _Listener:
    """Gives a client up that is sent more than it takes, and takes next to nothing."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting = 0

    def paused(self, transport: asyncio.Transport) -> None:
        """There is more to send than the client takes."""
        self._transport = transport
        self._watch()

    def resumed(self) -> None:
        """The client has taken it."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch(self) -> None:
        if self._transport is not None:
            self._waiting = self._transport.get_write_buffer_size()
            self._timer = asyncio.get_running_loop().call_later(self._limits.stall_seconds, self._judge)

    def _judge(self) -> None:
        if self._transport is None:
            return
        taken = self._waiting - self._transport.get_write_buffer_size()
        if taken < self._limits.stall_bytes:
            self._transport.abort()
        else:
            self._watch()


def bounded_protocols(
    limits: ConnectionLimits, book: AddressBook
) -> tuple[type[HttpToolsProtocol], type[WebSocketsSansIOProtocol]]:
    """The protocols of a server, for `uvicorn.Config`, which makes them from their class alone."""

    class BoundedSocket(_BoundedSocket):
        _limits, _book = limits, book

    class BoundedHttp(_BoundedHttp):
        _limits, _book = limits, book

    return BoundedHttp, BoundedSocket


class _BoundedHttp(HttpToolsProtocol):
    """HTTP with a limit on heads, on what is left of bodies, and on clients that do not listen."""

    _limits: ConnectionLimits
    _book: AddressBook

    def __init__(self, config: Config, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(config, *arguments, **options)
        self._listener = _Listener(self._limits)
        self._timer: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._is_in_head = True
        self._is_counted = False
        self._header_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._is_counted = self._book.enter(self.client[0] if self.client else None)
        if self._is_counted:
            self._wait(self._limits.head_seconds, self._give_up_head)
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        self._listener.resumed()
        if self._is_counted:
            self._book.leave(self.client[0] if self.client else None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head; what belongs to a body is the application's to count."""
        if self._is_in_head:
            self._head_size += len(data)
            if self._timer is None:
                self._wait(self._limits.head_seconds, self._give_up_head)
        super().data_received(data)
        if self._is_in_head and self._head_size > self._limits.head_bytes:
            self._refuse(_HEADERS_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Another head."""
        super().on_message_begin()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        """A piece of the address."""
        self._header_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header, unless there are too many of them."""
        self._header_bytes += len(name) + len(value)
        if not self._is_head_too_large():
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there."""
        if self._is_head_too_large():
            self._refuse(_HEADERS_TOO_LARGE)
            return
        self._is_in_head = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body, unless the request was refused already."""
        if self.cycle is not None and not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there; what comes now is another head."""
        if self._is_in_head:
            return
        self._is_in_head, self._head_size = True, 0
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            self._wait(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def on_response_complete(self) -> None:
        """Where the body's end is still to come, it must come soon."""
        super().on_response_complete()
        if not self._is_in_head:
            self._wait(self._limits.linger_seconds, self.timeout_keep_alive_handler)

    def handle_websocket_upgrade(self) -> None:
        """The connection goes on as a socket, which counts for itself."""
        self._stop_waiting()
        self._listener.resumed()
        if self._is_counted:
            self._book.leave(self.client[0] if self.client else None)
            self._is_counted = False
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        """The client does not keep up."""
        super().pause_writing()
        self._listener.paused(self.transport)

    def resume_writing(self) -> None:
        """The client keeps up again."""
        super().resume_writing()
        self._listener.resumed()

    def _is_head_too_large(self) -> bool:
        return self._header_bytes > self._limits.head_bytes or len(self.headers) >= self._limits.headers

    def _wait(self, seconds: float, give_up: Callable[[], None]) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up_head(self) -> None:
        is_answering = self.cycle is not None and not self.cycle.response_complete
        if is_answering:
            self.transport.abort()  # whoever sends half a head behind a request under way has no use for its answer
        elif self._head_size:
            self._refuse(_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


class _BoundedSocket(WebSocketsSansIOProtocol):
    """A WebSocket with a limit on clients that do not listen."""

    _limits: ConnectionLimits
    _book: AddressBook

    def __init__(self, config: Config, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(config, *arguments, **options)
        self._listener = _Listener(self._limits)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it; its place was free a moment ago, when it was still HTTP."""
        super().connection_made(transport)
        self._book.enter(self.client[0] if self.client else None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._listener.resumed()
        self._book.leave(self.client[0] if self.client else None)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not keep up."""
        super().pause_writing()
        self._listener.paused(self.transport)

    def resume_writing(self) -> None:
        """The client keeps up again."""
        super().resume_writing()
        self._listener.resumed()
