"""Taking an address, and a web server that leaves the signals of its process alone."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from coda.core.errors import CodaError, ErrorKind

_UNREAD_MS = 30_000


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


class EmbeddedServer(uvicorn.Server):
    """Signals are caught already, from before the database started until after it stopped."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch nothing."""
        yield
