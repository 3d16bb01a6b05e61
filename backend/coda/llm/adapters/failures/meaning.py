"""What a refusal means: by its code, its status, and where these say little, by its words."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from coda.core.patterns import Pattern
from coda.llm.adapters.failures.words import ErrorWords
from coda.llm.errors import (
    AccessDenied,
    CallFailed,
    ContentRefused,
    ContextWindowExceeded,
    CreditExhausted,
    ImagesRefused,
    KeyRefused,
    ModelError,
    ModelNotFound,
    ProviderBusy,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
    RequestTooLarge,
)

_BAD: Final = 400
_SERVER_ERROR: Final = 500
_BY_CODE: Final[Mapping[str, type[ModelError]]] = {
    "context_length_exceeded": ContextWindowExceeded,
    "exceed_context_size_error": ContextWindowExceeded,
    "tokens_limit_reached": ContextWindowExceeded,
    "string_above_max_length": RequestTooLarge,
    "request_too_large": RequestTooLarge,
    "insufficient_quota": CreditExhausted,
    "billing_error": CreditExhausted,
    "billing_hard_limit_reached": CreditExhausted,
    "arrearage": CreditExhausted,
    "budget_exceeded": CreditExhausted,
    "invalid_api_key": KeyRefused,
    "authentication_error": KeyRefused,
    "model_not_found": ModelNotFound,
    "model_decommissioned": ModelNotFound,
    "capacity_exceeded": ProviderBusy,
    "rate_limit_exceeded": ProviderBusy,
    "rate_limit_error": ProviderBusy,
    "resource_exhausted": ProviderBusy,
    "throttlingexception": ProviderBusy,
    "throttling": ProviderBusy,
    "tool_use_failed": CallFailed,
    "overloaded_error": ProviderUnavailable,
    "server_error": ProviderUnavailable,
    "content_filter": ContentRefused,
    "content_policy_violation": ContentRefused,
    "responsibleaipolicyviolation": ContentRefused,
    "data_inspection_failed": ContentRefused,
    "datainspectionfailed": ContentRefused,
}
_BY_STATUS: Final[Mapping[int, type[ModelError]]] = {
    401: KeyRefused,
    402: CreditExhausted,
    404: ModelNotFound,
    408: ProviderUnavailable,
    410: ModelNotFound,
    425: ProviderUnavailable,
    429: ProviderBusy,
    451: ContentRefused,
    498: ProviderBusy,
    504: ProviderTimeout,
    524: ProviderTimeout,
}
_ABOUT_MONEY: Final = (402, 403, 429)
_SPEAKING: Final = (400, 403, 409, 413, 422)
"""Statuses that say so little that the words decide."""
_MISPLACED: Final = (404, 500, 501)
"""Statuses under which some servers refuse pictures: no such endpoint, a failure."""


def _pattern(*alternatives: str) -> Pattern:
    return Pattern("(?i)" + "|".join(alternatives))


_WINDOW: Final = _pattern(
    r"context.{0,3}(length|window|size|limit|overflow)",
    r"maximum (context|prompt|model|input|sequence)\w*.{0,12}(length|tokens|size)",
    r"maximum (number of )?(input |prompt )?tokens",
    r"too many (input |prompt |total )?tokens",
    r"(input|prompt|messages?|conversation|tokens?).{0,40}(too long|too large|longer than|exceed|cannot exceed)",
    r"exceed\w*.{0,30}(context|token limit|tokens limit|max_model_len|model token)",
    r"tokens?.{0,30}(must be <=|less than|at most)",
    r"inputs?\b.{0,20}(less than|at most).{0,12}tokens",
    r"max size: ?\d{1,9} tokens",
    r"reduce (the|your) (length|size|prompt|messages|input)",
    r"range of input length",
    r"max_tokens must be at least 1, got -\d",
    r"超长|上下文长度|输入长度",
)
_OTHER_THAN_WORDS: Final = _pattern(
    r"\b(image|picture|photo|file|pdf|audio|video|attachment|document)s?\b",
    r"per (minute|day|second|hour)|\b[tr]p[md]\b|\bquota\b",
)
_MORE_THAN_A_MINUTE: Final = _pattern(r"(request|input|prompt|messages?) (is )?too large\b.{0,200}per.{0,3}min")
_OUTPUT: Final = _pattern(
    r"max(imum)?[_ ](completion|output|new)?_?\s?tokens.{0,40}(too large|at most|exceed|greater|less than|maximum)",
    r"at most \d{1,9} (completion|output) tokens",
)
_NO_CREDIT: Final = _pattern(
    r"insufficient.{0,12}(balance|quota|credit|fund)",
    r"exceeded your current quota",
    r"credit balance",
    r"budget has been exceeded|key limit exceeded|included credits",
    r"(out of|no|not enough|more) credits?\b",
    r"余额不足|欠费",
    r"billing.{0,30}(limit|disabled|not active|required)",
)
_NO_CONTENT: Final = _pattern(
    r"content.{0,12}(policy|filter|moderation|management)",
    r"inappropriate content|content exists risk|considered high risk",
    r"data.?inspection",
    r"\bflagged\b",
    r"safety (system|settings|guidelines|policy|filter)",
    r"usage polic",
    r"responsible.?ai",
    r"moderation",
)
_PICTURES: Final = r"\b(images?|image_url|vision|visual|pictures?|multi-?modal)\b"
_NO_IMAGES: Final = _pattern(
    r"(not|n't|cannot) (support|accept|take|allow|handle|process|have|read)\w*.{0,40}" + _PICTURES,
    _PICTURES + r".{0,60}(not (currently )?(support|accept|allow|enabl|available)|unsupported|only supported by)",
    r"(unknown|unexpected) (variant|type|content type|part).{0,12}image_url",
    r"invalid content type.{0,12}image_url|image_url is only",
    r"at most 0 images?",
    r"not a (multi-?modal|vision) model|missing data required for image",
    r"support(s|ing)? image (input|content)|no endpoints.{0,40}image",
    r"mmproj",
)
_WRONG_KEY: Final = _pattern(
    r"(incorrect|invalid|wrong) api.?key", r"api.?key (is )?(not valid|invalid|incorrect|expired)"
)
_NO_MODEL: Final = _pattern(
    r"model.{0,80}(decommissioned|no longer (supported|available)|not supported by any provider)",
    r"model.{0,80}(not exist|not found)",
    r"(unknown|no such|invalid) model\b",
)
_BY_WORDS: Final = (
    (_WRONG_KEY, KeyRefused),
    (_NO_CREDIT, CreditExhausted),
    (_NO_IMAGES, ImagesRefused),
    (_NO_CONTENT, ContentRefused),
    (_NO_MODEL, ModelNotFound),
)
_NO_KEY: Final = _pattern(r"api.?key", r"credential", r"unauthori[sz]ed", r"authenticat", r"(auth|access|bearer) token")


def kind_of(status: int | None, words: ErrorWords) -> type[ModelError]:
    """The class of a refusal. `status` is None for an error within a stream, which may carry one itself."""
    status = words.status if status is None or status < _BAD else status
    by_code = next((_BY_CODE[code] for code in words.codes if code in _BY_CODE), None)
    said = words.said or ""
    if _MORE_THAN_A_MINUTE.search(said):  # waiting does not help: no minute allows for this request
        return ContextWindowExceeded
    if by_code is not None:
        return by_code
    if status in _ABOUT_MONEY and _NO_CREDIT.search(said):
        return CreditExhausted
    if status in _MISPLACED and _NO_IMAGES.search(said):
        return ImagesRefused
    if status is None or status in _SPEAKING:
        return _by_words(said) or _unsaid(status, said)
    usual = ProviderUnavailable if status >= _SERVER_ERROR else RequestRejected
    return _BY_STATUS.get(status) or (_by_words(said, windows_only=True) or usual)


def rejection_of(said: str | None) -> type[ModelError]:
    """What a request was rejected for, as far as the provider's words tell."""
    return _by_words(said or "") or RequestRejected


def _by_words(said: str, *, windows_only: bool = False) -> type[ModelError] | None:
    if _is_about_the_window(said):
        return ContextWindowExceeded
    return None if windows_only else next((kind for pattern, kind in _BY_WORDS if pattern.search(said)), None)


def _unsaid(status: int | None, said: str) -> type[ModelError]:
    """The class where the words tell nothing of what else there is."""
    if status == HTTPStatus.FORBIDDEN:
        return KeyRefused if not said or _NO_KEY.search(said) else AccessDenied
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return RequestTooLarge
    return ProviderUnavailable if status in (None, HTTPStatus.CONFLICT) else RequestRejected


def _is_about_the_window(said: str) -> bool:
    return bool(_WINDOW.search(said)) and not _OTHER_THAN_WORDS.search(said) and not _is_about_the_output(said)


def _is_about_the_output(said: str) -> bool:
    return bool(_OUTPUT.search(said)) and "context" not in said.lower() and "input" not in said.lower()
