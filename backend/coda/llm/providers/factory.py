"""Builds providers: from the environment's settings, from an organization's connections, and the demo."""

from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from pydantic import SecretStr

from coda.core.guarded_http import OutboundHttp
from coda.core.guarded_http.hosts import in_usual_form
from coda.core.guarded_http.route import Route
from coda.core.settings import LlmSettings, Settings
from coda.llm.adapters.demo import DemoModel
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.litellm import LiteLLM, LiteLLMImport
from coda.llm.adapters.ollama import Ollama
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.dialects.dialect import Dialect, Dialects
from coda.llm.dialects.known import dialect_at
from coda.llm.pricing import FREE
from coda.llm.providers.cleaning import clean_base_url, clean_key
from coda.llm.providers.kinds import KINDS, ProviderKind, Wire
from coda.llm.providers.provider import DISCOVERED, Address, ListedModel, Offer, Provider
from coda.llm.types import Capabilities, ChatAdapter, Health

_DEMO_WINDOW = 32_768
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_AZURE_V1 = ("v1", "preview", "latest")


class ProviderFactory:
    """Joins addresses to adapters. All adapters share one pool of connections and one LiteLLM."""

    def __init__(self, http: OutboundHttp, settings: LlmSettings) -> None:
        self.http = http
        self._litellm = LiteLLMImport()
        self._settings = settings

    def build(self, address: Address) -> Provider:
        """A provider at an address."""
        options, is_litellm = address.options, address.kind.wire is Wire.LITELLM
        endpoint = Endpoint(
            chat_url=in_usual_form(_chat_url(address)),
            headers=options.headers if is_litellm else address.headers(),  # it sends the key itself
            secret=address.key,
            reach=address.reach,
            dialects=Dialects(options.spoken(dialect_at(address.base_url, address.kind.dialect))),
            route=address.route,
            first_token_seconds=options.first_token_seconds,
            idle_seconds=options.idle_seconds,
        )
        offer = Offer(Health("unknown"), tuple(ListedModel(name) for name in address.names))
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
        by_rules = Dialects(Dialect(refuses=frozenset({"response_format", "stop"})))
        return Provider(address, adapter, "built-in", dialects=by_rules, offer=Offer(Health("up"), (model,)))


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
    return [_routed(address, settings.llm) for address in found if address is not None]


def _routed(address: Address, settings: LlmSettings) -> Address:
    """The way to a provider of the environment: what is on this machine needs no proxy."""
    is_here = (urlsplit(address.base_url).hostname or "") in _THIS_MACHINE
    return replace(address, route=Route(None if is_here else settings.proxy, authority_of(settings)))


def authority_of(settings: LlmSettings) -> str | None:
    """The certificates that all providers may have; raises OSError where they cannot be read."""
    return settings.authority_file.read_text() if settings.authority_file is not None else None


def _address(kind_name: str, key: SecretStr | None, base_url: str | None) -> Address | None:
    kind = KINDS[kind_name]
    if key is None and base_url is None:
        return None
    return Address(
        id=kind.name,
        name=kind.title,
        kind=kind,
        source="environment",
        base_url=clean_base_url(kind, base_url) if base_url else kind.base_url or "",
        key=clean_key(key.get_secret_value()) if key is not None else None,
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
        base_url=clean_base_url(KINDS["azure"], settings.azure_api_base),
        key=clean_key(settings.azure_api_key.get_secret_value()),
        api_version=settings.azure_api_version,
        fixed_models=tuple(name.strip() for name in names if name.strip()),
    )


def _ollama(settings: Settings) -> Address | None:
    if settings.ollama_host is None and not settings.llm.probe_ollama:
        return None
    kind = KINDS["ollama"]
    base_url = clean_base_url(kind, settings.ollama_host) if settings.ollama_host else kind.base_url or ""
    source = "environment" if settings.ollama_host else DISCOVERED
    return Address("ollama", kind.title, kind, source=source, base_url=base_url)


def _chat_url(address: Address) -> str:
    base = address.base_url
    if address.kind.name == "azure":
        if address.api_version is None or address.api_version in _AZURE_V1:
            query = f"?api-version={address.api_version}" if address.api_version in ("preview", "latest") else ""
            return f"{base}/openai/v1/chat/completions{query}"
        return f"{base}/openai/deployments/{{model}}/chat/completions?api-version={address.api_version}"
    return f"{base}{address.kind.chat_path}"
