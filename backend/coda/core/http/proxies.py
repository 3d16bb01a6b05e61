"""Proxies in front of Coda: whose X-Forwarded-* headers are believed, and what they change."""

import ipaddress
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from coda.core.errors import CodaError, ErrorKind
from coda.core.patterns import Pattern

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

HOST: Final = Pattern(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
BELIEVED: Final = "coda.proxied"
"""Set in the scope of requests that came through a trusted proxy."""
_SECURE: Final = {"http": "https", "ws": "wss"}


class InvalidTrustedProxies(CodaError):
    """CODA_TRUSTED_PROXIES holds something that is neither an address nor a network."""

    kind = ErrorKind.INVALID
    code = "core.invalid_trusted_proxies"

    def __init__(self, entry: str) -> None:
        super().__init__(f"CODA_TRUSTED_PROXIES: {entry!r} is not an address or a network like 10.0.0.0/8.")


class TrustedProxies:
    """The addresses whose forwarding headers are believed."""

    def __init__(self, text: str | None) -> None:
        self._networks = tuple(_network(entry.strip()) for entry in (text or "").split(",") if entry.strip())

    def trusts(self, address: str | None) -> bool:
        """Whether this peer is one of ours."""
        parsed = _address(address)
        return parsed is not None and any(parsed in network for network in self._networks)

    def client_of(self, chain: Sequence[str]) -> str | None:
        """The nearest address of an X-Forwarded-For chain that is not a proxy of ours; None when it is not one."""
        for entry in reversed(chain):
            address = _address(entry)
            if address is None:
                return None
            if not self.trusts(str(address)):
                return str(address)
        return str(_address(chain[0])) if chain else None


class ProxyHeaders:
    """Puts the real client, scheme and host into the request where a trusted proxy named them."""

    def __init__(self, app: ASGIApp, *, proxies: TrustedProxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Correct the scope of requests that came through a trusted proxy."""
        if scope["type"] in {"http", "websocket"} and scope.get("client") and self._proxies.trusts(scope["client"][0]):
            self._believe(scope)
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        scope[BELIEVED] = True
        headers = Headers(scope=scope)
        chain = [entry.strip() for value in headers.getlist("x-forwarded-for") for entry in value.split(",")]
        client = self._proxies.client_of(chain)
        if client is not None:
            scope["client"] = (client, 0)
        if headers.get("x-forwarded-proto", "").strip().lower() == "https":
            scope["scheme"] = _SECURE.get(scope["scheme"], scope["scheme"])
        host = headers.get("x-forwarded-host", "").strip()
        if HOST.fullmatch(host):
            scope["headers"] = list(scope["headers"])
            MutableHeaders(scope=scope)["host"] = host


def _network(entry: str) -> Network:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        raise InvalidTrustedProxies(entry) from None


def _address(text: str | None) -> Address | None:
    """An address as proxies write it: plain, with a port, in brackets, or IPv4 within IPv6."""
    if not text:
        return None
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
