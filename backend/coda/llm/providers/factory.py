"""Builds providers: from the environment's settings, from an organization's connections, and the demo."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings, Settings
from coda.llm.adapters.demo import DemoModel
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.litellm import LiteLLM, LiteLLMImport
from coda.llm.adapters.ollama import Ollama
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.dialects.dialect import Dialects
from coda.llm.dialects.known import dialect_at
from coda.llm.pricing import FREE
from coda.llm.providers.kinds import KINDS, ProviderKind, Wire
from coda.llm.providers.provider import DISCOVERED, Address, ListedModel, Offer, Provider
from coda.llm.types import Capabilities, ChatAdapter, Health

_OLLAMA_PORT = 11434
_DEMO_WINDOW = 32_768
_AZURE_V1 = ("v1", "preview", "latest")


class ProviderFactory:
    """Joins addresses to adapters. All adapters share one pool of connections and one LiteLLM."""

    def __init__(self, http: OutboundHttp, settings: LlmSettings) -> None:
        self.http = http
        self._litellm = LiteLLMImport()
        self._settings = settings

    def build(self, address: Address) -> Provider:
        """A provider at an address."""
        endpoint = Endpoint(
            chat_url=_chat_url(address),
            headers=address.headers(),
            secret=address.key,
            reach=address.reach,
            dialects=Dialects(dialect_at(address.base_url, address.kind.dialect)),
        )
        offer = Offer(Health("unknown"), tuple(ListedModel(name) for name in address.fixed_models))
        adapter = self._adapter(address.kind, endpoint)
        return Provider(address, adapter, endpoint.host, dialects=endpoint.dialects, offer=offer)

    def _adapter(self, kind: ProviderKind, endpoint: Endpoint) -> ChatAdapter:
        if kind.wire is Wire.OLLAMA:
            return Ollama(self.http, endpoint, self._settings)
        if kind.wire is Wire.LITELLM:
            return LiteLLM(self._litellm, kind.name, endpoint, self._settings)
        return OpenAIWire(self.http, endpoint, self._settings)

    def warm_up(self, providers: Iterable[Provider]) -> None:
        """Begin what takes long, where one of these providers needs it."""
        if any(provider.address.kind.wire is Wire.LITELLM for provider in providers):
            self._litellm.load()

    def demo(self) -> Provider:
        """The demo model: always there, costs nothing."""
        free = replace(FREE, version="demo")
        model = ListedModel("coda", _DEMO_WINDOW, None, Capabilities(True, True, False), free)
        address = Address("demo", "Demo", KINDS["demo"], source="built-in", base_url="")
        adapter = DemoModel(self._settings.demo_tokens_per_second)
        return Provider(address, adapter, "built-in", offer=Offer(Health("up"), (model,)))


def environment_addresses(settings: Settings) -> list[Address]:
    """The providers that the machine's own settings name."""
    found = [
        _address("openai", settings.openai_api_key, settings.openai_base_url),
        _address("anthropic", settings.anthropic_api_key, settings.anthropic_base_url),
        _address("gemini", settings.gemini_api_key, settings.gemini_base_url),
        _address("openrouter", settings.openrouter_api_key, settings.openrouter_base_url),
        _azure(settings),
        _ollama(settings),
    ]
    return [address for address in found if address is not None]


def _address(kind_name: str, key: SecretStr | None, base_url: str | None) -> Address | None:
    kind = KINDS[kind_name]
    if key is None and base_url is None:
        return None
    return Address(
        id=kind.name,
        name=kind.title,
        kind=kind,
        source="environment",
        base_url=(base_url or kind.base_url or "").rstrip("/"),
        key=key.get_secret_value() if key is not None else None,
    )


def _azure(settings: Settings) -> Address | None:
    if settings.azure_api_key is None or settings.azure_api_base is None:
        return None
    names = (settings.azure_deployments or "").split(",")
    return Address(
        id="azure",
        name=KINDS["azure"].title,
        kind=KINDS["azure"],
        source="environment",
        base_url=settings.azure_api_base.rstrip("/"),
        key=settings.azure_api_key.get_secret_value(),
        api_version=settings.azure_api_version,
        fixed_models=tuple(name.strip() for name in names if name.strip()),
    )


def _ollama(settings: Settings) -> Address | None:
    if settings.ollama_host is None and not settings.llm.probe_ollama:
        return None
    kind = KINDS["ollama"]
    base_url = ollama_url(settings.ollama_host) if settings.ollama_host else kind.base_url or ""
    source = "environment" if settings.ollama_host else DISCOVERED
    return Address("ollama", kind.title, kind, source=source, base_url=base_url)


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


def _chat_url(address: Address) -> str:
    base = address.base_url
    if address.kind.name == "azure":
        if address.api_version is None or address.api_version in _AZURE_V1:
            query = f"?api-version={address.api_version}" if address.api_version in ("preview", "latest") else ""
            return f"{base}/openai/v1/chat/completions{query}"
        return f"{base}/openai/deployments/{{model}}/chat/completions?api-version={address.api_version}"
    return f"{base}{address.kind.chat_path}"
