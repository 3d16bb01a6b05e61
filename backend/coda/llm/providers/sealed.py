"""Seals what opens a connection, each for that connection alone, and opens it again."""

from collections.abc import Mapping
from uuid import UUID

import orjson

from coda.core.security import Seal
from coda.llm.models import ProviderKey


def sealed_headers(headers: Mapping[str, str], *, seal: Seal, connection_id: UUID) -> bytes:
    """Headers as they are stored."""
    return seal.close(orjson.dumps(headers).decode(), bound_to=_for_headers(connection_id))


def opened_key(stored: ProviderKey | None, *, seal: Seal, connection_id: UUID) -> str | None:
    """The key; raises SecretUnreadable."""
    if stored is None or stored.sealed_key is None:
        return None
    return seal.open(stored.sealed_key, bound_to=str(connection_id)).get_secret_value()


def opened_headers(stored: ProviderKey | None, *, seal: Seal, connection_id: UUID) -> Mapping[str, str]:
    """The headers; raises SecretUnreadable."""
    if stored is None or stored.sealed_headers is None:
        return {}
    text = seal.open(stored.sealed_headers, bound_to=_for_headers(connection_id)).get_secret_value()
    headers: Mapping[str, str] = orjson.loads(text)
    return headers


def sealed_proxy(proxy: str, *, seal: Seal, connection_id: UUID) -> bytes:
    """The URL of a proxy as it is stored."""
    return seal.close(proxy, bound_to=f"{connection_id}/proxy")


def opened_proxy(stored: ProviderKey | None, *, seal: Seal, connection_id: UUID) -> str | None:
    """The URL of a proxy that has a login; raises SecretUnreadable."""
    if stored is None or stored.sealed_proxy is None:
        return None
    return seal.open(stored.sealed_proxy, bound_to=f"{connection_id}/proxy").get_secret_value()


def _for_headers(connection_id: UUID) -> str:
    return f"{connection_id}/headers"
