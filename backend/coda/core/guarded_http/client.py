"""One pooled client per reach; the address is checked where the socket is made, so a name cannot change in between."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from coda.core.guarded_http.addresses import Reach, is_reachable
from coda.core.guarded_http.encoding import inflate_of
from coda.core.guarded_http.errors import AddressRefused, AnswerTooLarge, OutboundFailed
from coda.core.guarded_http.hosts import host_in, in_usual_form, is_this_machine, literal_address
from coda.core.guarded_http.route import DIRECT, Route

_MAX_REDIRECTS = 3
_BAD_REQUEST = 400
_REDIRECTS = (301, 302, 303, 307, 308)
_KEEP_ALIVE = 60.0
_MAX_BYTES = 4_000_000
_LONGEST_SHOWN = 80
_PROXY_NEEDS_LOGIN = 407


class _RefusedSocket(OSError):
    """Raised inside the connector for an address out of reach."""


class _Resolver(ThreadedResolver):
    """The system's resolver; a name that cannot be one is a name that is not known."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host; raises OSError."""
        try:
            return await super().resolve(host, port, family)
        except UnicodeError as error:
            raise OSError("no host can be called that") from error


@dataclass(frozen=True, slots=True)
class FetchedAnswer:
    """A whole answer of bounded size."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < _BAD_REQUEST


class OutboundHttp:
    """Every outgoing connection of this process. Proxy settings and netrc of the environment are not used."""

    def __init__(self, *, resolver: AbstractResolver | None = None) -> None:
        self._sessions: dict[Reach, aiohttp.ClientSession] = {}
        self._resolver = resolver

    def session(self, reach: Reach) -> aiohttp.ClientSession:
        """The pooled client for this reach; made on first use, inside the event loop."""
        found = self._sessions.get(reach)
        if found is None:
            found = self._sessions[reach] = self._new_session(reach)
        return found

    def _new_session(self, reach: Reach) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,
            keepalive_timeout=_KEEP_ALIVE,
            resolver=self._resolver or _Resolver(),
            socket_factory=_socket_factory(reach),
        )
        return aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": "Coda", "Accept-Encoding": "identity"},
        )

    async def fetch(
        self,
        url: str,
        *,
        reach: Reach,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = _MAX_BYTES,
        seconds: float = 10.0,
        route: Route = DIRECT,
    ) -> FetchedAnswer:
        """GET a URL, following a few redirects within the same reach; the caller's headers go to the first origin only.

        Raises AddressRefused, AnswerTooLarge, OutboundFailed.
        """
        how = {"timeout": aiohttp.ClientTimeout(total=seconds), **route.arguments()}
        sent = dict(headers or {})
        for _ in range(_MAX_REDIRECTS + 1):
            answer = await self._get(url, reach=reach, headers=sent, max_bytes=max_bytes, how=how)
            if answer.status not in _REDIRECTS or "Location" not in answer.headers:
                return answer
            target = urljoin(url, answer.headers["Location"])
            sent = sent if _origin(target) == _origin(url) else {}
            url = target
        raise OutboundFailed("The address redirects too often.")

    async def post(
        self,
        url: str,
        *,
        reach: Reach,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float = 10.0,
        route: Route = DIRECT,
    ) -> FetchedAnswer:
        """POST a body; a redirect is not followed. Raises AddressRefused, AnswerTooLarge, OutboundFailed."""
        check_url(url)
        how = {"timeout": aiohttp.ClientTimeout(total=seconds), **route.arguments()}
        try:
            async with self.session(reach).post(
                in_usual_form(url), data=body, headers=headers, allow_redirects=False, **how
            ) as response:
                return await _answer_of(response, _MAX_BYTES)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise translate(error) from error

    async def _get(
        self, url: str, *, reach: Reach, headers: Mapping[str, str], max_bytes: int, how: Mapping[str, Any]
    ) -> FetchedAnswer:
        check_url(url)
        try:
            async with self.session(reach).get(
                in_usual_form(url), headers=headers, allow_redirects=False, **how
            ) as response:
                return await _answer_of(response, max_bytes)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise translate(error) from error

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()


async def _answer_of(response: aiohttp.ClientResponse, max_bytes: int) -> FetchedAnswer:
    return FetchedAnswer(response.status, response.headers.copy(), await read_capped(response, max_bytes))


def check_url(url: str) -> None:
    """Only http and https with a host; a user name in a URL is refused. Raises OutboundFailed."""
    try:
        parts = urlsplit(url)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        raise OutboundFailed("This is not a valid address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_valid:
        raise OutboundFailed("An address starts with http:// or https:// and a host name.")
    if parts.username or parts.password:
        raise OutboundFailed("An address must not carry a user name or password.")
    try:
        host_in(url)
    except ValueError:
        raise OutboundFailed(f"No host can be called {parts.hostname[:_LONGEST_SHOWN]}.") from None


def check_reach(url: str, reach: Reach, *, field: str) -> None:
    """Raises AddressRefused for what is out of reach as far as the URL itself tells; names are looked up when used."""
    host = host_in(url)
    address = literal_address(host)
    is_out = address is not None and not is_reachable(address, reach)
    if is_out or (is_this_machine(host) and reach is Reach.PUBLIC):
        raise AddressRefused(field)


def translate(error: BaseException) -> AddressRefused | OutboundFailed:
    """A client library's error as one of ours."""
    if is_refused_address(error):
        return AddressRefused()
    return OutboundFailed(_sentence(error))


def _sentence(error: BaseException) -> str:
    """A certificate's error comes before that of its connection: it is both."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        said = getattr(error.certificate_error, "verify_message", "")
        return f"The address has no valid TLS certificate{f' ({said})' if said else ''}."
    sentences: tuple[tuple[type[BaseException], str], ...] = (
        (TimeoutError, "The address did not answer in time."),
        (aiohttp.ClientConnectorDNSError, "The host name is not known."),
        (aiohttp.ClientSSLError, "No secure connection can be made. Perhaps the address begins with http://"),
        (aiohttp.ClientProxyConnectionError, "The proxy does not answer."),
        (aiohttp.ClientHttpProxyError, proxy_sentence(getattr(error, "status", 0))),
        (aiohttp.ClientConnectorError, "Nothing answers at this address."),
    )
    unknown = "The connection broke or the answer is not HTTP."
    return next((sentence for kind, sentence in sentences if isinstance(error, kind)), unknown)


def proxy_sentence(status: int) -> str:
    """What a proxy meant that did not let a request through."""
    if status == _PROXY_NEEDS_LOGIN:
        return "The proxy does not accept the name and password, or wants one."
    return f"The proxy does not let this through (it answered {status})."


def is_refused_address(error: BaseException) -> bool:
    """Whether the connector refused the address (aiohttp wraps our error)."""
    return isinstance(getattr(error, "os_error", error), _RefusedSocket)


async def read_capped(response: aiohttp.ClientResponse, limit: int, *, unpacks: bool = False) -> bytes:
    """The body, at most `limit` bytes. A compressed one is refused, or unpacked where that is wanted."""
    encoding = response.headers.get("Content-Encoding", "identity").lower()
    if encoding != "identity" and not unpacks:
        raise OutboundFailed("The answer is compressed although that was not asked for.")
    inflate = inflate_of(encoding)
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        plain = part if inflate is None else inflate(part)
        size += len(plain)
        if size > limit:
            raise AnswerTooLarge(limit)
        parts.append(plain)
    return b"".join(parts)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _socket_factory(reach: Reach) -> aiohttp.SocketFactoryType:
    def make(info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        if not is_reachable(str(address[0]), reach):
            raise _RefusedSocket("this address is out of reach")  # the same words for each: see aiohappyeyeballs
        return socket.socket(family=family, type=kind, proto=protocol)

    return make
