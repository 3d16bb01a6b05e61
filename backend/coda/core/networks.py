"""Addresses of clients: which ones are one home, which ones are this machine."""

import ipaddress
from typing import Final

_HOME: Final = 64  # whoever has one IPv6 address has the whole /64


def home_network(address: str | None) -> str:
    """What counts as one client: the IPv4 address, or the IPv6 network of a home."""
    parsed = _parse(address)
    if parsed is None:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _HOME), strict=False))
    return str(parsed)


def is_loopback(address: str | None) -> bool:
    """Whether this is the machine itself."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


def _parse(address: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed
