"""Looks at everything that is configured and says what is wrong with it."""

import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

from redis.exceptions import RedisError
from sqlalchemy import text

import coda
from coda.core.db import Database, DatabaseUrls
from coda.core.db.external import database_place
from coda.core.db.host import DatabaseHost
from coda.core.db.migrations import find_revision, newest_revision
from coda.core.errors import CodaError
from coda.core.http.origin import public_origin
from coda.core.http.proxies import TrustedProxies
from coda.core.redis import connect_redis
from coda.core.secret_key import with_secret_key
from coda.core.settings import Settings
from coda.operations.web_app import find_web_app

Verdict = Literal["ok", "note", "wrong"]
_LITTLE_DISK: Final = 1_000_000_000
_PROVIDER_KEYS: Final = {
    "OpenAI": "openai_api_key",
    "Anthropic": "anthropic_api_key",
    "Gemini": "gemini_api_key",
    "OpenRouter": "openrouter_api_key",
    "Azure": "azure_api_key",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    part: str
    verdict: Verdict
    text: str


async def examine(settings: Settings) -> list[Finding]:
    """Look at every part; what is wrong is found, never raised."""
    findings = [Finding("version", "ok", f"Coda {coda.__version__} on Python {sys.version.split()[0]}")]
    for part, look in (
        ("data folder", _data_folder),
        ("database", _database),
        ("Redis", _redis),
        ("secret key", _secret_key),
        ("address", _address),
        ("web app", _web_app),
        ("models", _models),
        ("tracing", _tracing),
    ):
        findings.append(await _try(part, settings, look))
    return findings


Look = Callable[[Settings], Awaitable[tuple[Verdict, str]]]


async def _try(part: str, settings: Settings, look: Look) -> Finding:
    try:
        verdict, said = await look(settings)
    except CodaError as error:
        return Finding(part, "wrong", error.message)
    return Finding(part, verdict, said)


async def _data_folder(settings: Settings) -> tuple[Verdict, str]:
    folder = settings.data_dir.expanduser()
    if not folder.exists():
        return "ok", f"{folder} (made at the first start)"
    free = shutil.disk_usage(folder).free
    if free < _LITTLE_DISK:
        return "wrong", f"{folder} has only {free / 1e6:.0f} MB free"
    return "ok", f"{folder} ({free / 1e9:.0f} GB free)"


async def _database(settings: Settings) -> tuple[Verdict, str]:
    if settings.database_url is None and not (settings.data_dir.expanduser() / "postgres").exists():
        return "ok", "embedded Postgres (made at the first start)"
    async with DatabaseHost(settings) as host:
        urls = await host.attach()
        revision, version = await find_revision(urls), await _server_version(urls)
    place = "embedded" if host.embedded is not None else database_place(urls.app)
    described = f"{place}, Postgres {version}, schema {revision or 'none'}"
    if revision is None or revision < newest_revision():
        return "note", f"{described}; `coda migrate` or the next start brings it to {newest_revision()}"
    if revision > newest_revision():
        return "wrong", f"{described} is newer than this Coda ({newest_revision()})"
    return "ok", described


async def _server_version(urls: DatabaseUrls) -> str:
    database = Database(urls, pool_size=2)
    try:
        async with database.transaction(None) as db:
            return str(await db.scalar(text("show server_version")))
    finally:
        await database.close()


async def _redis(settings: Settings) -> tuple[Verdict, str]:
    if settings.redis_url is None:
        return "ok", "not configured: one process does everything"
    client = connect_redis(settings.redis_url.get_secret_value())
    try:
        await client.ping()
    except OSError as error:
        return "wrong", f"does not answer ({error})"
    except RedisError as error:
        return "wrong", f"refuses ({error})"
    finally:
        await client.aclose()
    return "ok", "answers"


async def _secret_key(settings: Settings) -> tuple[Verdict, str]:
    if settings.secret_key is None and settings.database_url is None:
        return "ok", "kept in the data folder"
    with_secret_key(settings)
    return "ok", "set"


async def _address(settings: Settings) -> tuple[Verdict, str]:
    origin = public_origin(settings)
    TrustedProxies(settings.trusted_proxies)
    if origin is not None:
        return "ok", origin
    shown = f"http://{settings.host}:{settings.port}"
    if settings.host in ("127.0.0.1", "localhost", "::1"):
        return "ok", f"{shown}, from this machine only"
    return "note", f"{shown}; set CODA_PUBLIC_URL when people use another address"


async def _web_app(settings: Settings) -> tuple[Verdict, str]:
    folder = find_web_app(settings)
    return ("ok", str(folder)) if folder else ("wrong", "not built; run `make run` or install a released package")


async def _models(settings: Settings) -> tuple[Verdict, str]:
    names = [name for name, key in _PROVIDER_KEYS.items() if getattr(settings, key) is not None]
    if settings.openai_base_url:
        names.append(f"OpenAI-compatible at {settings.openai_base_url}")
    if settings.ollama_host:
        names.append(f"Ollama at {settings.ollama_host}")
    if not names:
        return "note", "no provider configured; the demo model answers until one is connected in the app"
    return "ok", ", ".join(names)


async def _tracing(settings: Settings) -> tuple[Verdict, str]:
    return "ok", f"sent to {settings.otlp_endpoint}" if settings.otlp_endpoint else "not sent anywhere"
