"""Host names as the network reads them, whatever form they were written in."""

import socket
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from yarl import URL

_LONGEST_LABEL, _LONGEST_NAME = 63, 253
_MEMBERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
_LOCAL: Final = "localhost"


def host_in(url: str) -> str:
    """The host of a URL as it is asked: an address in its usual form, a name in ASCII and without a dot at its end.

    `http://0x7f000001`, `http://2130706433`, `http://127.1` and `http://127.0.0.1` are one and the same for the
    system's resolver, and so they are here. Raises ValueError for what no host can be called.
    """
    name = (URL(url).raw_host or "").rstrip(".").lower()
    address = literal_address(name)
    if address is not None:
        return address
    labels = name.split(".")
    is_name = len(name) <= _LONGEST_NAME and all(_is_label(label) for label in labels)
    if not is_name or labels[-1].isdigit():
        raise ValueError(f"{name!r} is no host name")
    return name


def _is_label(label: str) -> bool:
    return 0 < len(label) <= _LONGEST_LABEL and _MEMBERS.issuperset(label)


def literal_address(name: str) -> str | None:
    """The IP address that a name is, in any form that the system's resolver reads as one; None for other names."""
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        pass
    else:
        return str(getattr(address, "ipv4_mapped", None) or address)
    try:
        return socket.inet_ntoa(socket.inet_aton(name)) if name and name[0].isdigit() else None
    except (OSError, UnicodeError):
        return None


def is_this_machine(host: str) -> bool:
    """Whether a name is this machine's own, which is never asked of a name server."""
    return host == _LOCAL or host.endswith(f".{_LOCAL}")


def in_usual_form(url: str) -> str:
    """The URL with an address in its usual form; any other one as it is."""
    parts = urlsplit(url)
    written = parts.hostname or ""
    try:
        host = host_in(url)
    except ValueError:
        return url
    if literal_address(host) is None and written.rstrip(".") == written:
        return url
    shown = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port is not None else ""
    return urlunsplit(parts._replace(netloc=f"{shown}{port}"))
