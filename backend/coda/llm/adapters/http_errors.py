"""What a provider's HTTP status, error body or broken connection means."""

import email.utils
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

from coda.core.clock import now
from coda.core.guarded_http.client import is_refused_address
from coda.core.patterns import Pattern
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.errors import (
    ContentRefused,
    ContextWindowExceeded,
    CreditExhausted,
    KeyRefused,
    MalformedAnswer,
    ModelError,
    ModelNotFound,
    ProviderBusy,
    ProviderTimeout,
    ProviderUnavailable,
    ProviderUnreachable,
    RequestRejected,
    StreamCut,
)

_MAX_ERROR_BYTES = 65_536
_LONGEST_WAIT = 600.0
_SERVER_ERROR = 500
_WINDOW = Pattern(
    r"(?i)context.{0,3}(length|window|size)|maximum context|too many tokens|prompt is too long"
    r"|exceeds? the (available|maximum)"
)
_BY_STATUS: dict[int, type[ModelError]] = {
    401: KeyRefused,
    402: CreditExhausted,
    403: KeyRefused,
    404: ModelNotFound,
    408: ProviderTimeout,
    425: ProviderUnavailable,
    429: ProviderBusy,
}
_BY_CODE: dict[str, type[ModelError]] = {
    "context_length_exceeded": ContextWindowExceeded,
    "insufficient_quota": CreditExhausted,
    "invalid_api_key": KeyRefused,
    "model_not_found": ModelNotFound,
    "rate_limit_exceeded": ProviderBusy,
    "rate_limit_error": ProviderBusy,
    "overloaded_error": ProviderUnavailable,
    "server_error": ProviderUnavailable,
    "content_filter": ContentRefused,
    "content_policy_violation": ContentRefused,
}


async def error_of(response: aiohttp.ClientResponse, endpoint: Endpoint) -> ModelError:
    """Read the body of a refused request and say what it means."""
    try:
        body = await response.content.read(_MAX_ERROR_BYTES)
    except (aiohttp.ClientError, OSError):
        body = b""
    return status_error(response.status, body, response.headers, endpoint)


def status_error(status: int, body: bytes, headers: Mapping[str, str], endpoint: Endpoint) -> ModelError:
    """The error for a status and its body."""
    said, code = read_error(body)
    retry_after = parse_retry_after(headers)
    kind = _BY_CODE.get(code or "") or _BY_STATUS.get(status)
    if kind is None and status >= _SERVER_ERROR:
        kind = ProviderUnavailable
    return (kind or rejection_of(said))(endpoint.conceal(said) if said else None, retry_after=retry_after)


def in_stream_error(error: Any, endpoint: Endpoint) -> ModelError:  # noqa: ANN401 - whatever JSON the provider sent
    """The error for an `error` object in the middle of a stream."""
    said, code = read_error(orjson.dumps({"error": error}))
    status = error.get("code") if isinstance(error, dict) else None
    kind = _BY_CODE.get(code or "") or (_BY_STATUS.get(status) if isinstance(status, int) else None)
    if kind is None and said and _WINDOW.search(said):
        kind = ContextWindowExceeded
    return (kind or ProviderUnavailable)(endpoint.conceal(said) if said else None)


def rejection_of(said: str | None) -> type[ModelError]:
    """What a request was rejected for, as far as the provider's words tell."""
    return ContextWindowExceeded if said and _WINDOW.search(said) else RequestRejected


def connection_error(error: BaseException, *, has_begun: bool) -> ModelError:
    """The error for a connection that could not be made or broke."""
    if isinstance(error, TimeoutError):
        return ProviderTimeout()
    if is_refused_address(error):
        return ProviderUnreachable("This address is private or reserved; only an operator may use it.")
    if has_begun or isinstance(error, aiohttp.ClientPayloadError):
        return StreamCut()
    if isinstance(error, aiohttp.ClientResponseError | ValueError):
        return MalformedAnswer()
    return ProviderUnreachable()


def read_error(body: bytes) -> tuple[str | None, str | None]:
    """The sentence and the code in an error body of any of the usual forms."""
    try:
        parsed = orjson.loads(body)
    except ValueError:
        text = body.decode("utf-8", "replace").strip()
        return (text if text and not text.startswith("<") else None), None
    if isinstance(parsed, list) and parsed:
        parsed = parsed[0]
    error = parsed.get("error", parsed) if isinstance(parsed, dict) else parsed
    if isinstance(error, str):
        return error, None
    if not isinstance(error, dict):
        return None, None
    said = error.get("message") or error.get("detail") or error.get("msg")
    codes = [error.get("code"), error.get("type")]
    code = next((each for each in codes if isinstance(each, str) and each in _BY_CODE), None)
    return (str(said) if said else None), code


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks to wait, from `Retry-After` or `retry-after-ms`."""
    try:
        if "retry-after-ms" in headers:
            return _bounded(float(headers["retry-after-ms"]) / 1000)
        value = headers.get("Retry-After")
        if value is None:
            return None
        if value.strip().replace(".", "", 1).isdigit():
            return _bounded(float(value))
        return _bounded(email.utils.parsedate_to_datetime(value).timestamp() - now().timestamp())
    except ValueError:
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), _LONGEST_WAIT)
