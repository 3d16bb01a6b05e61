"""What a provider's HTTP status, error body or broken connection means."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from coda.core.guarded_http import OutboundError
from coda.core.guarded_http.client import is_refused_address, proxy_sentence
from coda.core.guarded_http.waits import bounded_wait, retry_after_in
from coda.core.patterns import Pattern
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.meaning import kind_of
from coda.llm.adapters.failures.words import NOTHING, read_body, read_error, says_error
from coda.llm.errors import (
    CertificateRefused,
    MalformedAnswer,
    ModelError,
    ProviderTimeout,
    ProviderUnavailable,
    ProviderUnreachable,
    ProxyRefused,
    RequestRejected,
    StreamCut,
)

__all__ = ["connection_error", "retry_delay_in", "says_error", "status_error", "stream_error"]

_RETRY_DELAY: Final = Pattern(r'"retryDelay"\s{0,9}:\s{0,9}"(\d{1,6}(?:\.\d{1,9})?)s"')
_REDIRECT, _BAD_REQUEST = 300, 400


def status_error(status: int, body: bytes, headers: Mapping[str, str], endpoint: Endpoint) -> ModelError:
    """The error for a status and its body."""
    if _REDIRECT <= status < _BAD_REQUEST:
        return RequestRejected(
            f"The address leads on to {headers.get('Location') or 'nowhere'}: enter that one instead."
        )
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return ProxyRefused(proxy_sentence(status))
    words = read_body(body)
    kind = kind_of(status, words)
    wait = retry_after_in(headers)
    wait = retry_delay_in(body.decode("utf-8", "replace")) if wait is None else wait
    error = kind(_concealed(words.said, endpoint), retry_after=wait)
    error.status = status
    if words.param and isinstance(error, RequestRejected):
        error.details.setdefault("param", words.param)
    return error


def stream_error(error: Any, endpoint: Endpoint) -> ModelError:  # noqa: ANN401 - whatever JSON the provider sent
    """The error for what a stream says in its middle: an object, a text, or nothing but that it is one."""
    words = read_error(error) if error else NOTHING
    kind = kind_of(None, words) if words.said or words.codes else ProviderUnavailable
    return kind(_concealed(words.said or next(iter(words.codes), None), endpoint))


def connection_error(error: BaseException, *, has_begun: bool) -> ModelError:
    """The error for a connection that could not be made or broke."""
    if isinstance(error, TimeoutError):
        is_unconnected = isinstance(error, aiohttp.ConnectionTimeoutError)
        return ProviderUnreachable("It did not accept the connection in time.") if is_unconnected else ProviderTimeout()
    if isinstance(error, OutboundError):
        return MalformedAnswer(error.message)
    if is_refused_address(error):
        return ProviderUnreachable("This address is private or reserved; only an operator may use it.")
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return ProxyRefused("It does not answer.")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ProxyRefused(proxy_sentence(error.status))
    return StreamCut() if has_begun or isinstance(error, aiohttp.ClientPayloadError) else _unreachable(error)


def _unreachable(error: BaseException) -> ModelError:
    """A certificate's error comes before ValueError: it is both."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return CertificateRefused(getattr(error.certificate_error, "verify_message", None) or "It is not valid.")
    if isinstance(error, aiohttp.ClientConnectorSSLError):
        return CertificateRefused("No secure connection can be made. Perhaps the address begins with http://")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ProviderUnreachable("Its host name is not known.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return ProviderUnreachable("Nothing answers at its address.")
    is_no_http = isinstance(error, aiohttp.ClientResponseError | ValueError)
    return MalformedAnswer() if is_no_http else ProviderUnreachable()


def retry_delay_in(body: str) -> float | None:
    """The same from the body, where Google says it."""
    found = _RETRY_DELAY.search(body)
    return bounded_wait(float(found.group(1))) if found else None


def _concealed(said: str | None, endpoint: Endpoint) -> str | None:
    return endpoint.conceal(said) if said else None
