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
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7",
    "64:ff9b:1::/48",
)  # fmt: skip
# Machines ask the clouds' own services for their keys. Most are link-local; these lie among private or public ones:
# Azure, Alibaba, and over IPv6 Amazon, Google, Oracle, Scaleway, Akamai.
_METADATA = (
    "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/32", "fd20:ce::254/128", "fd00:c1::a9fe:a9fe/128",
    "fd00:42::42/128", "fd00:a9fe:a9fe::1/128",
)  # fmt: skip
# What IANA's registries of special addresses name, but for what is private and for what stands for an IPv4 address.
NEVER_NETWORKS = _networks(
    "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
    "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20", *_METADATA,
)  # fmt: skip
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All of IPv6 that anybody was given; the rest is not meant for connections, link-local and multicast among it."""
_SIX_TO_FOUR = ip_network("2002::/16")
# NAT64 with the common prefix and with one of a network's own, SIIT, and the old compatible form.
_TRANSLATED = _networks("64:ff9b::/96", "64:ff9b:1::/48", "::ffff:0:0:0/96", "::/96")


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
    if _is_in(ip, NEVER_NETWORKS):
        return False
    if _is_in(ip, PRIVATE_NETWORKS):
        return reach is Reach.PRIVATE
    return isinstance(ip, IPv4Address) or ip in _GLOBAL_UNICAST or bool(_embedded(ip))


def _is_in(ip: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(ip.version == network.version and ip in network for network in networks)


def _embedded(ip: Address) -> tuple[Address, ...]:
    """The IPv4 address that an IPv6 address stands for: mapped, translated, 6to4, compatible."""
    if isinstance(ip, IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return ()
    if ip.ipv4_mapped is not None:
        return (ip.ipv4_mapped,)
    if ip in _SIX_TO_FOUR:
        return (IPv4Address(ip.packed[2:6]),)
    if _is_in(ip, _TRANSLATED):
        return (IPv4Address(ip.packed[-_EMBEDDED_IPV4_BYTES:]),)
    return ()
