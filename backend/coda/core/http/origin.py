"""Our own origin: which pages may use the cookie and open sockets, and what links begin with."""

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


class InvalidPublicUrl(CodaError):
    """CODA_PUBLIC_URL is not an http or https address."""

    kind = ErrorKind.INVALID
    code = "core.invalid_public_url"

    def __init__(self, value: str) -> None:
        super().__init__(f"CODA_PUBLIC_URL: {value!r} is not an address like https://chat.example.org.")


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
    name = _without_port(_host(connection) or "")
    return name == _LOCALHOST or name.endswith(f".{_LOCALHOST}") or is_loopback(name)


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
    """What a link to this instance begins with, without a slash at its end."""
    if settings.public_url is not None:
        return settings.public_url.rstrip("/")
    scheme = "https" if is_https(settings, connection) else "http"
    return _without_default_port(scheme, _host(connection) or f"{settings.host}:{settings.port}")


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
