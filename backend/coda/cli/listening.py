"""Taking an address, and a web server that leaves the signals of its process alone."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypedDict

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from coda.cli.protocols import AddressBook, ConnectionLimits, bounded_protocols
from coda.core.errors import CodaError, ErrorKind
from coda.core.http.proxies import TrustedProxies
from coda.core.networks import is_loopback
from coda.core.settings import Settings

_UNREAD_MS = 30_000
_LARGEST_FRAME = 1024 * 1024
_IDLE_SECONDS = 75  # longer than what proxies keep idle connections for


class HttpOptions(TypedDict):
    """Arguments of `uvicorn.Config`."""

    http: type[HttpToolsProtocol]
    ws: type[WebSocketsSansIOProtocol]
    ws_max_size: int
    ws_per_message_deflate: bool
    lifespan: Literal["off"]
    log_config: None
    access_log: bool
    server_header: bool
    proxy_headers: bool
    timeout_keep_alive: int


class AddressUnavailable(CodaError):
    """The address to listen on cannot be had."""

    kind = ErrorKind.CONFLICT
    code = "cli.address_unavailable"


def bind(host: str, port: int) -> socket.socket:
    """Take the address before anything is started; raises AddressUnavailable."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # or a client that stops reading holds its connection for ever
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MS)
        listening.bind(address)
    except socket.gaierror:
        raise AddressUnavailable(f"{host} is not an address of this machine; set CODA_HOST.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise AddressUnavailable(f"Port {port} on {host} is taken by another program; set CODA_PORT.") from None
        raise AddressUnavailable(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None
    return listening


def address_of(settings: Settings, host: str, port: int) -> str:
    """What people type for a server that listens there, without a slash at its end."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    shown = "localhost" if host in ("0.0.0.0", "::") else host  # noqa: S104 - shown, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def http_options(settings: Settings) -> HttpOptions:
    """What every web server of a process is given: clients may be slow, or many, only so far."""
    proxies = TrustedProxies(settings.trusted_proxies)
    book = AddressBook(
        settings.max_connections_per_address,
        is_exempt=lambda address: is_loopback(address) or proxies.trusts(address),
    )
    http, ws = bounded_protocols(ConnectionLimits(), book)
    return {
        "http": http,
        "ws": ws,
        "ws_max_size": _LARGEST_FRAME,
        "ws_per_message_deflate": False,
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": _IDLE_SECONDS,
    }


class EmbeddedServer(uvicorn.Server):
    """Signals are caught already, from before the database started until after it stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch nothing."""
        yield
