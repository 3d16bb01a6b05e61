"""Our own origin: which pages may use the cookie and open sockets, and what links begin with."""

import socket
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from coda.core.errors import CodaError, ErrorKind
from coda.core.http.proxies import BELIEVED, HOST
from coda.core.networks import is_loopback
from coda.core.settings import Settings

_LOCALHOST: Final = "localhost"
_OWN_SITES: Final = frozenset({"same-origin", "none"})
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}
_SECURE_SCHEMES: Final = frozenset({"https", "wss"})


class ForeignOrigin(CodaError):
    """The request was made by a page of another origin."""

    kind = ErrorKind.FORBIDDEN
    code = "core.foreign_origin"

    def __init__(self) -> None:
        super().__init__(
            "This request came from a page of another address. Open Coda at its own address (CODA_PUBLIC_URL)."
        )


class PublicUrlNeeded(CodaError):
    """A link was to be made, and nobody has said under which address people reach this instance."""

    kind = ErrorKind.CONFLICT
    code = "core.public_url_needed"

    def __init__(self) -> None:
        super().__init__(
            "Coda is not sure of its own address, so it makes no link. Whoever runs it sets CODA_PUBLIC_URL to the"
            " address that people type, like https://chat.example.org."
        )


class InvalidPublicUrl(CodaError):
    """CODA_PUBLIC_URL is not an http or https address."""

    kind = ErrorKind.INVALID
    code = "core.invalid_public_url"

    def __init__(self, value: str, reason: str | None = None) -> None:
        told = f" {reason}." if reason else ""
        super().__init__(f"CODA_PUBLIC_URL: {value!r} is not an address like https://chat.example.org.{told}")


def public_origin(settings: Settings) -> str | None:
    """Scheme, host and port of CODA_PUBLIC_URL as browsers write them; raises InvalidPublicUrl."""
    if settings.public_url is None:
        return None
    try:
        parts = urlsplit(settings.public_url)
        port = parts.port
    except ValueError:
        raise InvalidPublicUrl(settings.public_url) from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise InvalidPublicUrl(settings.public_url)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise InvalidPublicUrl(settings.public_url, "Nothing may follow: Coda is served at the root of its address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return _without_default_port(parts.scheme, host if port is None else f"{host}:{port}")


def allowed_origins(settings: Settings, connection: HTTPConnection) -> frozenset[str]:
    """The origins that are ours for this connection.

    With CODA_PUBLIC_URL exactly that one. Without, whatever host the browser asked for, so that a LAN address works;
    under both schemes, since a proxy that nobody told us about may have ended TLS. Who calls from this machine itself
    must have asked for this machine: any other name is one that a page has bent to point here (DNS rebinding).
    """
    origin = public_origin(settings)
    if origin is not None:
        return frozenset({origin})
    host = _host(connection)
    if host is None or not is_plausible_host(connection):
        return frozenset()
    return frozenset(_without_default_port(scheme, host) for scheme in _DEFAULT_PORTS)


def is_plausible_host(connection: HTTPConnection) -> bool:
    """Whether the name that was asked for can be one of ours: from this machine only its own names are."""
    if connection.scope.get(BELIEVED) or not _is_local(connection):
        return True
    return _is_loopback_name(_without_port(_host(connection) or ""))


def _is_loopback_name(name: str) -> bool:
    return name == _LOCALHOST or name.endswith(f".{_LOCALHOST}") or is_loopback(name)


def _is_listened_on(name: str, connection: HTTPConnection) -> bool:
    """Whether a name is this machine's: the address that the connection came in at, or what the machine is called."""
    if _is_loopback_name(name):
        return True
    server = connection.scope.get("server")
    machine = socket.gethostname().lower()
    short = machine.partition(".")[0]
    return name in {machine, short, f"{short}.local", "" if server is None else server[0].lower()} - {""}


def _is_local(connection: HTTPConnection) -> bool:
    """Whether the connection cannot have come from another machine."""
    client, server = connection.client, connection.scope.get("server")
    return (client is not None and is_loopback(client.host)) or (server is not None and is_loopback(server[0]))


def _without_port(host: str) -> str:
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def is_own_origin(settings: Settings, connection: HTTPConnection) -> bool:
    """Whether a page of ours, or no page at all, made this connection."""
    origin, site = connection.headers.get("origin"), connection.headers.get("sec-fetch-site")
    if site is not None and settings.public_url is None and not is_plausible_host(connection):
        return False
    if origin is not None and origin.lower() not in allowed_origins(settings, connection):
        return False
    return site is None or site in _OWN_SITES


def require_own_origin(settings: Settings, connection: HTTPConnection) -> None:
    """Guard of the routes that a cookie opens; raises ForeignOrigin."""
    if not is_own_origin(settings, connection):
        raise ForeignOrigin


def base_url(settings: Settings, connection: HTTPConnection) -> str:
    """What a link to this instance begins with, without a slash at its end; raises PublicUrlNeeded.

    A link goes to somebody else, and what it opens may be theirs: the host that a request names counts only where this
    server is sure to be meant by it.
    """
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    host = _host(connection)
    if host is None or not _is_listened_on(_without_port(host), connection):
        raise PublicUrlNeeded
    return _without_default_port("https" if is_https(settings, connection) else "http", host)


def is_https(settings: Settings, connection: HTTPConnection) -> bool:
    """Whether people reach this instance by https: cookies are then Secure."""
    origin = public_origin(settings)
    if origin is not None:
        return origin.startswith("https:")
    return connection.scope["scheme"] in _SECURE_SCHEMES


def _host(connection: HTTPConnection) -> str | None:
    host = connection.headers.get("host", "")
    return host.lower() if HOST.fullmatch(host) else None


def _without_default_port(scheme: str, host: str) -> str:
    return f"{scheme}://{host.lower().removesuffix(_DEFAULT_PORTS[scheme])}"
