"""Addresses and keys as people write them, made into what is meant."""

from typing import Final
from urllib.parse import urlsplit

from coda.core.entered_secrets import is_sendable
from coda.llm.providers.kinds import ProviderKind, Wire

_OLLAMA_PORT: Final = 11434
_CALLS: Final = ("/chat/completions", "/messages", "/models", "/api/chat", "/api/tags", "/completions")
_QUOTES: Final = "\"'"


def clean_key(text: str) -> str | None:
    """A key without what came along when it was copied: spaces, line ends, quotes; None for none."""
    key = "".join(text.split()).strip(_QUOTES)
    return key if is_sendable(key) else None


def clean_base_url(kind: ProviderKind, text: str) -> str:
    """A provider's address without spaces, and without the paths that its calls add themselves."""
    text = "".join(text.split()).strip(_QUOTES)
    if kind.wire is Wire.OLLAMA:
        return ollama_url(text).removesuffix("/v1").removesuffix("/api")
    text = text if "://" in text else f"http://{text}"
    if kind.name == "openai_compatible" and not urlsplit(text).path:
        text = f"{text}/v1"
    text = text.rstrip("/")
    for path in _CALLS:
        text = text.removesuffix(path)
    if kind.wire is Wire.LITELLM:
        text = text.removesuffix("/v1beta").removesuffix("/v1")
    return text.rstrip("/")


def ollama_url(host: str) -> str:
    """OLLAMA_HOST in all the forms that Ollama itself reads: host, host:port, :port, URL."""
    text = host.strip().rstrip("/")
    parts = urlsplit(text if "://" in text else f"http://{text}")
    name = parts.hostname or "127.0.0.1"
    if name in ("0.0.0.0", "::"):  # noqa: S104 - a server's listening address, here turned into one to connect to
        name = "127.0.0.1"
    shown = f"[{name}]" if ":" in name else name
    port = parts.port or (_OLLAMA_PORT if "://" not in text else None)
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path}"
