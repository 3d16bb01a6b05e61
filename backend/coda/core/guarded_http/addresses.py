"""Which addresses a URL may lead to, by who supplied the URL."""

from enum import IntEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address

_EMBEDDED_IPV4_BYTES = 4


class Reach(IntEnum):
    """How far a URL may lead: PUBLIC for anybody's, PRIVATE for an operator's, ANY for the machine's own settings."""

    PUBLIC = 1
    PRIVATE = 2
    ANY = 3


def _networks(*names: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(name) for name in names)


PRIVATE_NETWORKS = _networks(
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7"
)
# Link-local holds the clouds' metadata services; the rest is not meant for connections.
NEVER_NETWORKS = _networks(
    "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "100::/64", "2001:db8::/32", "3fff::/20", "5f00::/16", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
_SIX_TO_FOUR = ip_network("2002::/16")
_TEREDO = ip_network("2001::/32")


def is_reachable(address: str, reach: Reach) -> bool:
    """Whether a connection to this IP address is allowed; an IPv4 address inside an IPv6 one is judged as itself."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if reach is Reach.ANY:
        return True
    return all(_is_allowed(each, reach) for each in (ip, *_embedded(ip)))


def _is_allowed(ip: Address, reach: Reach) -> bool:
    if _is_in(ip, PRIVATE_NETWORKS):
        return reach is Reach.PRIVATE
    return not _is_in(ip, NEVER_NETWORKS)


def _is_in(ip: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(ip.version == network.version and ip in network for network in networks)


def _embedded(ip: Address) -> tuple[Address, ...]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, NAT64, 6to4, Teredo, compatible."""
    if isinstance(ip, IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return ()
    if ip.ipv4_mapped is not None:
        return (ip.ipv4_mapped,)
    if ip in _SIX_TO_FOUR:
        return (IPv4Address(ip.packed[2:6]),)
    if ip in _TEREDO:
        return (IPv4Address(ip.packed[4:8]), IPv4Address(bytes(byte ^ 0xFF for byte in ip.packed[12:16])))
    if any(ip in network for network in _TRANSLATED):
        return (IPv4Address(ip.packed[-_EMBEDDED_IPV4_BYTES:]),)
    return ()
