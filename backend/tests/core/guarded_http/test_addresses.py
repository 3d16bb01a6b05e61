"""Which addresses a URL may lead to: each block of IANA's registries of special addresses, and clouds' services."""

from ipaddress import ip_network
from typing import Final

import pytest

from coda.core.guarded_http import Reach, is_reachable

PUBLIC: Final = (
    "1.1.1.1", "168.63.129.15", "168.63.129.17", "2606:4700::1111", "2001:200::1", "2a00:1450:4001::1",
    "64:ff9b::101:101", "::ffff:1.1.1.1", "::ffff:0:101:101", "2002:101:101::1",
)  # fmt: skip
PRIVATE: Final = (
    "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7",
)  # fmt: skip
# https://www.iana.org/assignments/iana-ipv4-special-registry and .../iana-ipv6-special-registry, in their order; then
# multicast, which has registries of its own, and what was never given to anybody.
NEVER: Final = (
    "0.0.0.0/8", "0.0.0.0/32", "169.254.0.0/16", "192.0.0.0/24", "192.0.0.0/29", "192.0.0.8/32", "192.0.0.9/32",
    "192.0.0.10/32", "192.0.0.170/32", "192.0.0.171/32", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
    "192.88.99.0/24", "192.88.99.2/32", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "240.0.0.0/4", "255.255.255.255/32", "224.0.0.0/4",
    "::/128", "100::/64", "100:0:0:1::/64", "2001::/23", "2001::/32", "2001:1::1/128", "2001:1::2/128",
    "2001:1::3/128", "2001:2::/48", "2001:3::/32", "2001:4:112::/48", "2001:10::/28", "2001:20::/28", "2001:30::/28",
    "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fe80::/10", "fec0::/10", "ff00::/8",
    "200::/7", "400::/6", "800::/5", "1000::/4", "4000::/3", "6000::/3", "8000::/3", "a000::/3", "c000::/3",
    "e000::/4", "f000::/5", "f800::/6",
)  # fmt: skip
METADATA: Final = (
    "169.254.169.254", "169.254.170.2", "169.254.0.23", "168.63.129.16", "100.100.100.200", "192.0.0.192",
    "fd00:ec2::254", "fd00:ec2::23", "fd00:ec2:0:1::1", "fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42",
    "fd00:a9fe:a9fe::1", "fe80::a9fe:a9fe",
)  # fmt: skip
FORMS: Final = {
    "mapped": "::ffff:{0}:{1}",
    "SIIT": "::ffff:0:{0}:{1}",
    "NAT64": "64:ff9b::{0}:{1}",
    "6to4": "2002:{0}:{1}::1",
    "compatible": "::{0}:{1}",
}
"""How an IPv4 address is written into an IPv6 one."""


def ends(block: str) -> list[str]:
    """The first and the last address of a block, and one between."""
    network = ip_network(block)
    return [str(network[at]) for at in (0, network.num_addresses // 2, -1)]


def written(form: str, address: str) -> str:
    digits = "".join(f"{int(number):02x}" for number in address.split("."))
    return FORMS[form].format(digits[:4], digits[4:])


@pytest.mark.parametrize("address", PUBLIC)
def test_public_ones_are_for_everybody(address: str) -> None:
    assert is_reachable(address, Reach.PUBLIC)
    assert is_reachable(address, Reach.PRIVATE)


@pytest.mark.parametrize("block", PRIVATE)
def test_private_ones_are_for_operators(block: str) -> None:
    for address in ends(block):
        assert not is_reachable(address, Reach.PUBLIC)
        assert is_reachable(address, Reach.PRIVATE)


@pytest.mark.parametrize("block", NEVER)
def test_special_ones_are_for_nobody(block: str) -> None:
    for address in ends(block):
        assert not is_reachable(address, Reach.PUBLIC)
        assert not is_reachable(address, Reach.PRIVATE)


@pytest.mark.parametrize("address", [*METADATA, "not an address", ""])
def test_nor_are_the_services_that_give_machines_their_keys(address: str) -> None:
    assert not is_reachable(address, Reach.PUBLIC)
    assert not is_reachable(address, Reach.PRIVATE)


@pytest.mark.parametrize("form", FORMS)
def test_an_ipv4_address_in_an_ipv6_one_is_judged_as_itself(form: str) -> None:
    for block in PRIVATE[:5]:
        address = written(form, ends(block)[1])
        assert not is_reachable(address, Reach.PUBLIC)
        assert is_reachable(address, Reach.PRIVATE)
    for address in ("169.254.169.254", "168.63.129.16", "100.100.100.200", "198.18.0.1"):
        assert not is_reachable(written(form, address), Reach.PRIVATE)


@pytest.mark.parametrize("address", ["64:ff9b:1::101:101", "64:ff9b:1::a00:1", "64:ff9b:1:ffff::a00:1"])
def test_a_network_that_translates_by_a_prefix_of_its_own_is_private(address: str) -> None:
    assert not is_reachable(address, Reach.PUBLIC)
    assert is_reachable(address, Reach.PRIVATE)
    assert not is_reachable("64:ff9b:1::a9fe:a9fe", Reach.PRIVATE)


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "2001:db8::1"])
def test_the_settings_of_the_machine_itself_lead_anywhere(address: str) -> None:
    assert is_reachable(address, Reach.ANY)
