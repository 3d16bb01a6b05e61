"""Structured logging: one format for us and our libraries, trace ids on every line, secrets on none."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Final, TextIO

import orjson
import structlog
from opentelemetry import trace
from structlog.types import EventDict, Processor

from coda.core.patterns import Match, Pattern
from coda.core.settings import LoggingSettings

_SECRET_NAME: Final = Pattern(
    r"(?i)password|passwd|secret|authorization|cookie|api_?key$|credential|private_key|^token$|_token$|^ticket$|dsn$"
)
_SECRET_TEXT: Final = Pattern(
    r"(?P<url>\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@]*:)[^\s@/]+(?P<at>@)"  # the password inside a URL
    r"|(?P<bearer>\b[Bb]earer\s+)[\w.~+/=-]{8,}"
    r"|(?P<key>\bsk-(?:coda-|ant-|or-|proj-)?)[\w-]{8,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{5,}\.[\w-]{5,}"  # a JWT
)
_HIDDEN: Final = "[hidden]"
_NOISY: Final = (
    "httpx",
    "httpcore",
    "aiohttp.access",
    "uvicorn.access",
    "uvicorn.error",
    "LiteLLM",
    "asyncio",
    "watchfiles",
    "alembic",
    "mcp",
)
_MAX_DEPTH: Final = 4
_MOST_NAMES: Final = 1_024
# Without local variables: they hold prompts and keys.
_TRACEBACKS: Final = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def configure_logging(settings: LoggingSettings, *, stream: TextIO | None = None) -> None:
    """Send everything through structlog to standard error, or to `stream`; JSON unless it is a terminal."""
    target = stream or sys.stderr
    as_json = settings.format == "json" or (settings.format == "auto" and not target.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _add_trace,
        structlog.processors.TimeStamper(fmt="iso", utc=as_json, key="at"),
    ]
    rendering: list[Processor] = (
        [_TRACEBACKS, hide_secrets, structlog.processors.JSONRenderer(serializer=_as_json)]
        if as_json
        else [
            hide_secrets,
            structlog.dev.ConsoleRenderer(
                colors=target.isatty(), timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(settings.level)))
    for name in ("uvicorn", "uvicorn.error"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def current_trace_id() -> str | None:
    """The trace that this task works in, as 32 hexadecimal digits."""
    context = trace.get_current_span().get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None


def hide_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:  # noqa: ANN401 - structlog's signature
    """Blank what is named like a secret or looks like one, at any depth that logs have."""
    return {key: _clean(key, value, 0) for key, value in event.items()}


def _clean(name: str, value: object, depth: int) -> Any:  # noqa: ANN401 - any JSON
    if value is not None and not isinstance(value, bool | int | float) and _is_secret(name):
        return _HIDDEN
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_blank, value)
    if depth < _MAX_DEPTH and isinstance(value, Mapping):
        return {key: _clean(str(key), inner, depth + 1) for key, inner in value.items()}
    if depth < _MAX_DEPTH and isinstance(value, list | tuple):
        return [_clean("", inner, depth + 1) for inner in value]
    return value


@lru_cache(_MOST_NAMES)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _blank(match: Match) -> str:
    found = match.groupdict()
    return (found["url"] or found["bearer"] or found["key"] or "") + _HIDDEN + (found["at"] or "")


def _add_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401 - structlog's signature
    if "trace_id" not in event and (trace_id := current_trace_id()):
        event["trace_id"] = trace_id
    return event


def _as_json(event: Any, **_options: Any) -> str:  # noqa: ANN401 - structlog's serializer signature
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
