"""What can be said of the settings alone: in an instant, with nothing started and nobody asked."""

from collections.abc import Callable, Iterator
from typing import Final

from coda.core.errors import CodaError
from coda.core.http.origin import public_origin
from coda.core.http.proxies import TrustedProxies
from coda.core.setting_names import unknown_names
from coda.core.settings import Settings
from coda.llm.providers.factory import environment_addresses
from coda.operations.errors import ConfigurationWrong
from coda.operations.types import Finding, Verdict
from coda.operations.web_app import find_web_app

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_DEMO: Final = "demo/coda"
_NO_REDIS: Final[tuple[Verdict, str]] = ("ok", "not configured: one process does everything")


def check_settings(settings: Settings) -> list[Finding]:
    """Look at the settings; what is wrong is found, never raised."""
    return [*(_try(part, settings, look) for part, look in _LOOKS.items()), *_names()]


def require_sound_settings(settings: Settings) -> list[Finding]:
    """What deserves a word before the start; raises ConfigurationWrong for what nothing can be started with."""
    findings = check_settings(settings)
    wrong = [finding.text for finding in findings if finding.verdict == "wrong"]
    if wrong:
        raise ConfigurationWrong(wrong)
    return [finding for finding in findings if finding.verdict == "note"]


async def ask_redis(settings: Settings) -> tuple[Verdict, str]:
    """Whether Redis is there; raises ConfigurationWrong."""
    if settings.redis_url is None:
        return _NO_REDIS
    from coda.operations.asking_redis import ask  # its client is loaded only where there is a Redis

    return await ask(settings.redis_url.get_secret_value())


def _try(part: str, settings: Settings, look: "Look") -> Finding:
    try:
        verdict, said = look(settings)
    except CodaError as error:
        return Finding(part, "wrong", error.message)
    return Finding(part, verdict, said)


def _address(settings: Settings) -> tuple[Verdict, str]:
    origin = public_origin(settings)
    TrustedProxies(settings.trusted_proxies)
    if origin is not None:
        return "ok", origin
    shown = f"http://{settings.host}:{settings.port}"
    if settings.host in _LOOPBACK:
        return "ok", f"{shown}, from this machine only"
    return "note", f"{shown}; set CODA_PUBLIC_URL when people use another address"


def _web_app(settings: Settings) -> tuple[Verdict, str]:
    folder = find_web_app(settings)
    if folder is not None:
        return "ok", str(folder)
    if settings.static_dir is not None:
        return "wrong", f"CODA_STATIC_DIR: there is no built web app in {settings.static_dir} (no index.html)"
    return "note", "not built, only the interfaces are served; run `make run` or install a released package"


def _redis(settings: Settings) -> tuple[Verdict, str]:
    if settings.redis_url is None:
        return _NO_REDIS
    from coda.operations.asking_redis import client_of

    client_of(settings.redis_url.get_secret_value())
    return "ok", "configured"


def _cache(settings: Settings) -> tuple[Verdict, str]:
    if settings.cache.store == "redis" and settings.redis_url is None:
        return "wrong", "CODA_CACHE__STORE: results cannot be kept in Redis without CODA_REDIS_URL"
    return "ok", settings.cache.store


def _default_model(settings: Settings) -> tuple[Verdict, str]:
    model = settings.default_model
    if model is None:
        return "ok", "the first that is there"
    provider, _, name = model.partition("/")
    if not provider or not name:
        return "wrong", f"CODA_DEFAULT_MODEL: {model!r} is not provider/name, like openai/gpt-5 or {_DEMO}"
    if provider == "demo" and model != _DEMO:
        return "wrong", f"CODA_DEFAULT_MODEL: there is no {model!r}; the demo model is {_DEMO}"
    known = {address.id: address.names for address in environment_addresses(settings)} | {"demo": ("coda",)}
    if provider not in known:
        return "note", f"{model}, if a connection made in the app is called {provider!r}: the environment has none"
    if provider == "azure" and name not in known[provider]:
        return "wrong", f"CODA_DEFAULT_MODEL: AZURE_DEPLOYMENTS does not name {name!r}"
    return "ok", model


def _names() -> Iterator[Finding]:
    for name, meant in unknown_names().items():
        yield Finding("settings", "note", f"{name} is no setting" + (f"; is {meant} meant?" if meant else ""))


Look = Callable[[Settings], tuple[Verdict, str]]
_LOOKS: Final[dict[str, Look]] = {
    "address": _address,
    "web app": _web_app,
    "Redis": _redis,
    "kept results": _cache,
    "default model": _default_model,
}
