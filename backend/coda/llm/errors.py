"""What can go wrong between Coda and a model; each class says whether a retry helps and whether the provider is ill."""

from math import ceil
from typing import ClassVar

from coda.core.errors import CodaError, ErrorKind
from coda.core.patterns import Pattern

_LONGEST_SENTENCE = 400
_MOST_KEPT = 4_000
_SMALLEST_WINDOW = 2_048
_OVER = Pattern(r"\d[\d,]{2,9}(?: tokens)? > (\d[\d,]{2,9})")
_WINDOW = Pattern(
    r"(?i)(maximum|limit|context (?:length|window|size)|less than|cannot exceed|<=|>|\[1,)[^\d\n]{0,40}(\d[\d,]{2,9})",
)


class ModelError(CodaError):
    """A model call that did not end well.

    `said` are the provider's own words, `status` is that of its HTTP answer. `is_retryable`: the same request may
    succeed if sent again. `is_provider_fault`: counts for the breaker.
    """

    kind = ErrorKind.UPSTREAM
    code = "llm.failed"
    is_retryable: ClassVar[bool] = False
    is_provider_fault: ClassVar[bool] = False
    sentence: ClassVar[str] = "The model provider answered with an error."

    def __init__(self, said: str | None = None, *, retry_after: float | None = None) -> None:
        message = f"{self.sentence} It said: {shorten(said)}" if said else self.sentence
        super().__init__(message, **({} if retry_after is None else {"retry_after": ceil(retry_after)}))
        self.retry_after = retry_after
        self.said = said[:_MOST_KEPT] if said else None
        self.status: int | None = None

    def tell_tries(self, tries: int) -> None:
        """It was tried so often already: whoever tries again as often by themselves multiplies that."""
        if tries > 1:
            self.details["tries"] = tries


class ProviderUnreachable(ModelError):
    """No connection: refused, no such host, TLS failed."""

    kind = ErrorKind.UNAVAILABLE
    code = "llm.provider_unreachable"
    is_retryable = True
    is_provider_fault = True
    sentence = "The model provider cannot be reached."


class CertificateRefused(ProviderUnreachable):
    """TLS failed: a certificate that nobody here vouches for, or none at all."""

    code = "llm.certificate_refused"
    is_retryable = False
    sentence = "The certificate of the model provider was not accepted."


class ProxyRefused(ProviderUnreachable):
    """The proxy on the way does not answer, wants a login, or lets nothing through."""

    code = "llm.proxy_refused"
    is_retryable = False
    sentence = "The proxy of this connection does not lead to the model provider."


class ProviderTimeout(ModelError):
    """Connected, but silent for longer than the limit. Not asked again: the prompt was read, and is paid for."""

    code = "llm.provider_timeout"
    is_provider_fault = True
    sentence = "The model provider stayed silent for too long."


class ProviderUnavailable(ModelError):
    """The provider says that it is broken or overloaded (5xx)."""

    code = "llm.provider_unavailable"
    is_retryable = True
    is_provider_fault = True
    sentence = "The model provider is having trouble."


class ProviderBusy(ModelError):
    """Rate limited (429): it works, and says when it will take more. Others may have a share of their own left."""

    kind = ErrorKind.RATE_LIMITED
    code = "llm.provider_busy"
    is_retryable = True
    sentence = "The model provider is limiting how often it may be asked."


class ProviderPaused(ModelError):
    """The breaker is open: recent calls failed, so this one was not sent."""

    kind = ErrorKind.UNAVAILABLE
    code = "llm.provider_paused"
    sentence = "This model failed several times in a row and is given a short rest. Try again soon."

    def __init__(self, because: ModelError | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(None, retry_after=retry_after)
        if because is not None:
            self.message = f"{self.sentence} The last time: {because.message}"
            self.args = (self.message,)
            self.details["because"] = because.code


class StreamCut(ModelError):
    """The connection ended before the answer did."""

    code = "llm.stream_cut"
    is_retryable = True
    is_provider_fault = True
    sentence = "The connection to the model provider broke in the middle of the answer."


class MalformedAnswer(ModelError):
    """What came back is not what this wire speaks."""

    code = "llm.malformed_answer"
    is_retryable = True
    is_provider_fault = True
    sentence = "The model provider sent something that is not a valid answer."


class CallFailed(ModelError):
    """The model wrote a tool call that its own server could not read; another try is another text."""

    code = "llm.call_failed"
    is_retryable = True
    sentence = "The model wrote a tool call that nobody can read."


class AccessDenied(ModelError):
    """403 with a reason that is not the key: a region, a model that needs a permission."""

    code = "llm.access_denied"
    sentence = "The model provider does not allow this."


class KeyRefused(ModelError):
    """401 or 403. The provider's own words are left out: they may quote the key."""

    code = "llm.key_refused"
    sentence = "The model provider refused the key. Check it in the settings of this connection."

    def __init__(self, said: str | None = None, *, retry_after: float | None = None) -> None:  # noqa: ARG002 - same signature as all ModelErrors
        super().__init__(None)


class CreditExhausted(ModelError):
    """The account behind the key has no money or quota left."""

    code = "llm.credit_exhausted"
    sentence = "The account at the model provider has no credit left."


class RequestRejected(ModelError):
    """The provider found the request invalid (400, 422)."""

    kind = ErrorKind.UNPROCESSABLE
    code = "llm.request_rejected"
    sentence = "The model provider rejected the request."


class ParameterRefused(RequestRejected):
    """Something that was asked for cannot be asked of this model; `param` names it."""

    code = "llm.parameter_refused"
    sentence = "This model does not take something that was asked for."

    def __init__(self, said: str | None = None, *, param: str, retry_after: float | None = None) -> None:
        super().__init__(said, retry_after=retry_after)
        self.message = f"This model does not take `{param}`." + (f" {said}" if said else "")
        self.args = (self.message,)
        self.param = self.details["param"] = param


class ImagesRefused(RequestRejected):
    """The model reads text only, or pictures not in the way in which they were sent."""

    code = "llm.images_refused"
    sentence = "This model cannot look at pictures."

    def __init__(self, said: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(said, retry_after=retry_after)
        self.details["param"] = "messages"


class RequestTooLarge(RequestRejected):
    """Something in the request is too large in bytes: an image, a file, the whole body (413)."""

    code = "llm.request_too_large"
    sentence = "The request is too large for the model provider."


class ContextWindowExceeded(RequestRejected):
    """The prompt does not fit into the model's window. `window`: its size in tokens, where the provider names it."""

    code = "llm.context_window_exceeded"
    sentence = "The conversation is longer than this model can read at once."

    def __init__(self, said: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(said, retry_after=retry_after)
        over = _OVER.search(said or "")
        found = None if over else _WINDOW.search(said or "")
        named = over.group(1) if over else found.group(2) if found else "0"
        size = int(named.replace(",", ""))
        self.window = size if size >= _SMALLEST_WINDOW else None


class ContentRefused(RequestRejected):
    """The provider's content policy stopped the request."""

    code = "llm.content_refused"
    sentence = "The model provider's content policy stopped this request."


class ModelNotFound(ModelError):
    """No provider here offers this model."""

    kind = ErrorKind.NOT_FOUND
    code = "llm.model_not_found"
    sentence = "This model is not available here. Choose another one."


class ConnectionNotFound(CodaError):
    """No such provider connection in the caller's organization."""

    kind = ErrorKind.NOT_FOUND
    code = "llm.connection_not_found"

    def __init__(self) -> None:
        super().__init__("This model connection does not exist.")


class ConnectionInvalid(CodaError):
    """A connection whose fields do not fit together."""

    kind = ErrorKind.UNPROCESSABLE
    code = "llm.connection_invalid"


class ConnectionExists(CodaError):
    """The organization already has a connection of this name."""

    kind = ErrorKind.CONFLICT
    code = "llm.connection_exists"

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is already a connection called {slug}.", slug=slug)


class ConnectionKeyNeeded(CodaError):
    """The address changed and the key was not given again."""

    kind = ErrorKind.UNPROCESSABLE
    code = "llm.connection_key_needed"

    def __init__(self) -> None:
        super().__init__("The stored key is not sent to another address. Enter the key again.", field="key")


def shorten(said: str) -> str:
    """A provider's words as one line of bounded length."""
    line = " ".join(said.encode("utf-8", "replace").decode().split())
    return line if len(line) <= _LONGEST_SENTENCE else line[: _LONGEST_SENTENCE - 1] + "…"
