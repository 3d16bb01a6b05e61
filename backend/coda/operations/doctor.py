"""Looks at everything that is configured and says what is wrong with it."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from sqlalchemy import text

import coda
from coda.core.db import Database, DatabaseUrls
from coda.core.db.external import database_place
from coda.core.db.host import DatabaseHost
from coda.core.db.migrations import find_revision, newest_revision, owner_engine
from coda.core.errors import CodaError
from coda.core.guarded_http import OutboundHttp
from coda.core.secret_key import with_secret_key
from coda.core.settings import Settings
from coda.files.store import open_store
from coda.llm.discovery.discovery import Discovery
from coda.llm.providers.factory import ProviderFactory, environment_addresses
from coda.llm.providers.provider import DISCOVERED, Address, Offer
from coda.operations.configuration import ask_redis, check_settings
from coda.operations.types import Finding, Verdict

_LITTLE_DISK: Final = 1_000_000_000
_CONNECTIONS: Final = text("select slug, kind, base_url from provider_connections order by slug, base_url")
_REDIS: Final = "Redis"
_PATIENCE: Final = 10.0
"""Seconds for all providers together."""


async def examine(settings: Settings) -> list[Finding]:
    """Look at every part; what is wrong is found, never raised."""
    said = check_settings(settings)
    looked = [
        await _try(part, settings, look)
        for part, look in (
            ("data folder", _data_folder),
            ("database", _database),
            ("Redis", ask_redis),
            ("secret key", _secret_key),
            ("files", _files),
            ("models", _models),
            ("connections", _connections),
            ("tracing", _tracing),
        )
    ]
    replaced = {finding.part for finding in looked if finding.verdict == "wrong" or finding.part == _REDIS}
    version = Finding("version", "ok", f"Coda {coda.__version__} on Python {sys.version.split()[0]}")
    return [version, *looked, *(finding for finding in said if finding.part not in replaced)]


Look = Callable[[Settings], Awaitable[tuple[Verdict, str]]]


async def _try(part: str, settings: Settings, look: Look) -> Finding:
    try:
        verdict, said = await look(settings)
    except CodaError as error:
        return Finding(part, "wrong", error.message)
    except TimeoutError:
        return Finding(part, "wrong", f"no answer within {_PATIENCE:.0f} s")
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


async def _secret_key(settings: Settings) -> tuple[Verdict, str]:
    if settings.secret_key is None and settings.database_url is None:
        return "ok", "kept in the data folder"
    with_secret_key(settings)
    return "ok", "set"


async def _files(settings: Settings) -> tuple[Verdict, str]:
    """Writes, reads and removes a few bytes; a folder that is made at the first start is left to that."""
    folder = settings.data_dir.expanduser()
    place = "files in the data folder" if settings.files.url is None else "an object store (CODA_FILES__URL)"
    if settings.files.url is None and not folder.exists():
        return "ok", f"{place} (made at the first start)"
    async with asyncio.timeout(_PATIENCE):
        await open_store(settings.files, folder).probe()
    return "ok", place


async def _models(settings: Settings) -> tuple[Verdict, str]:
    """Asks the providers of the environment what they offer."""
    http = OutboundHttp()
    try:
        factory, discovery = ProviderFactory(http, settings.llm), Discovery(http, settings.llm)
        providers = [factory.build(address) for address in environment_addresses(settings)]
        async with asyncio.timeout(_PATIENCE):
            offers = await asyncio.gather(*(discovery.offer_of(provider.address) for provider in providers))
    except TimeoutError:
        return "wrong", f"the providers of the environment gave no list of their models within {_PATIENCE:.0f} s"
    finally:
        await http.close()
    pairs = zip((provider.address for provider in providers), offers, strict=True)
    return _told(settings, [(address, offer) for address, offer in pairs if _is_meant(address, offer)])


def _is_meant(address: Address, offer: Offer) -> bool:
    """What was only looked for, and is not there, is nobody's concern."""
    return address.source != DISCOVERED or bool(offer.models)


def _told(settings: Settings, offers: Sequence[tuple[Address, Offer]]) -> tuple[Verdict, str]:
    lines = [f"{address.name}: {_offered(offer)}" for address, offer in offers]
    missing = _missing_default(settings.default_model, offers)
    if missing is not None:
        return "wrong", "; ".join([missing, *lines])
    if not lines:
        return "note", "no provider configured; the demo model answers until one is connected in the app"
    is_down = any(offer.health.status == "down" for _, offer in offers)
    return ("note" if is_down else "ok"), "; ".join(lines)


def _offered(offer: Offer) -> str:
    if offer.health.status == "down":
        return (offer.health.detail or "does not answer").rstrip(".")
    return f"{len(offer.models)} model{'' if len(offer.models) == 1 else 's'}"


def _missing_default(model: str | None, offers: Sequence[tuple[Address, Offer]]) -> str | None:
    provider, _, name = (model or "").partition("/")
    offer = next((offer for address, offer in offers if address.id == provider), None)
    if offer is None or offer.health.status != "up" or offer.find(name) is not None:
        return None
    return f"CODA_DEFAULT_MODEL: {provider} does not list {name!r}"


async def _connections(settings: Settings) -> tuple[Verdict, str]:
    """Those made in the app, of all organizations; their keys stay sealed, so nobody is asked."""
    if settings.database_url is None and not (settings.data_dir.expanduser() / "postgres").exists():
        return "ok", "none"
    try:
        async with DatabaseHost(settings) as host:
            urls = await host.attach()
            if await find_revision(urls) != newest_revision():
                return "note", "not looked at before the schema is up to date"
            connections = await _list_connections(urls)
    except CodaError:
        return "note", "not looked at without a database"
    return "ok", "; ".join(connections) or "none"


async def _list_connections(urls: DatabaseUrls) -> list[str]:
    """As the owner of the tables: the doctor belongs to no organization."""
    engine = owner_engine(urls)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(_CONNECTIONS)
            return [f"{row.slug} ({row.kind}{f' at {row.base_url}' if row.base_url else ''})" for row in rows]
    finally:
        await engine.dispose()


async def _tracing(settings: Settings) -> tuple[Verdict, str]:
    return "ok", f"sent to {settings.otlp_endpoint}" if settings.otlp_endpoint else "not sent anywhere"
