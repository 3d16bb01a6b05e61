"""LiteLLM's exceptions as ours; a subclass is tested before its base."""

from collections.abc import Mapping
from types import ModuleType

import httpx

from coda.core.guarded_http.waits import retry_after_in
from coda.core.patterns import Pattern
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.failures.http import retry_delay_in
from coda.llm.adapters.failures.meaning import rejection_of
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
    ProxyRefused,
    RequestRejected,
    StreamCut,
)

_PROVIDER_SENTENCE = Pattern(r'"message"\s*:\s*"((?:[^"\\]|\\.)+)"')
_ESCAPED_QUOTE = "\\'"  # LiteLLM shows bodies as Python writes bytes
_OF_CONNECTION: tuple[tuple[type[BaseException], type[ModelError]], ...] = (
    (httpx.ProxyError, ProxyRefused),
    (httpx.ConnectError, ProviderUnreachable),
    (httpx.ConnectTimeout, ProviderUnreachable),
    (httpx.TimeoutException, ProviderTimeout),
    (httpx.TransportError, StreamCut),
    (TimeoutError, ProviderTimeout),
)
_IN_ORDER: tuple[tuple[str, type[ModelError]], ...] = (
    ("ContextWindowExceededError", ContextWindowExceeded),
    ("ContentPolicyViolationError", ContentRefused),
    ("PaymentRequiredError", CreditExhausted),
    ("AuthenticationError", KeyRefused),
    ("PermissionDeniedError", KeyRefused),
    ("NotFoundError", ModelNotFound),
    ("RateLimitError", ProviderBusy),
    ("Timeout", ProviderTimeout),
    ("MidStreamFallbackError", StreamCut),
    ("APIResponseValidationError", MalformedAnswer),
    ("APIConnectionError", MalformedAnswer),  # where no connection failed: LiteLLM could not read what came
    ("ServiceUnavailableError", ProviderUnavailable),
    ("BadGatewayError", ProviderUnavailable),
    ("InternalServerError", ProviderUnavailable),
    ("BadRequestError", RequestRejected),
    ("UnprocessableEntityError", RequestRejected),
)


def model_error(litellm: ModuleType, error: Exception, endpoint: Endpoint, *, has_begun: bool) -> ModelError:
    """What LiteLLM's exception means; what the HTTP client under it said is truer than how it was wrapped."""
    if isinstance(error, ModelError):
        return error
    kind = _of_connection(error)
    if kind is None:
        wrapped = getattr(error, "original_exception", None)
        error = wrapped if isinstance(wrapped, Exception) else error
        kind = next((ours for theirs, ours in _IN_ORDER if _is(litellm, error, theirs)), ProviderUnavailable)
    said = _said(error, endpoint)
    if kind is RequestRejected:
        kind = rejection_of(said)
    if has_begun and kind is ProviderUnreachable:
        kind = StreamCut
    wait = retry_after_in(_headers(error))
    return kind(said, retry_after=retry_delay_in(str(error)) if wait is None else wait)


def _headers(error: Exception) -> Mapping[str, str]:
    """The answer's own headers: LiteLLM puts them beside a response of its making."""
    for holder in (error, getattr(error, "response", None)):
        for name in ("litellm_response_headers", "headers"):
            headers = getattr(holder, name, None)
            if headers and any(key.lower() in ("retry-after", "retry-after-ms") for key in headers):
                return httpx.Headers(headers)
    return {}


def _of_connection(error: BaseException) -> type[ModelError] | None:
    """The kind of the connection's own failure, where one is behind the exception."""
    seen: BaseException | None = error
    while seen is not None:
        for theirs, ours in _OF_CONNECTION:
            if isinstance(seen, theirs):
                return ours
        seen = seen.__cause__ or seen.__context__
    return None


def _is(litellm: ModuleType, error: Exception, name: str) -> bool:
    return isinstance(error, getattr(litellm.exceptions, name))


def _said(error: Exception, endpoint: Endpoint) -> str | None:
    """The provider's own words, where they can be told from LiteLLM's."""
    text = str(getattr(error, "message", "") or "")
    found = _PROVIDER_SENTENCE.search(text)
    return endpoint.conceal(found.group(1).replace(_ESCAPED_QUOTE, "'")) if found else None
