"""Whether what somebody sets for a connection can be, how it is stored, and what it means."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import SecretStr

from coda.core.guarded_http import OutboundFailed
from coda.core.guarded_http.route import trusting
from coda.llm.errors import ConnectionInvalid
from coda.llm.providers.kinds import ProviderKind, Wire
from coda.llm.providers.options import OWN_FIELDS, OWN_HEADERS, ConnectionOptions
from coda.llm.schemas import ConnectionOptionsPatch

_MOST_BYTES: Final = 16_000


def requested_options(kind: ProviderKind, written: ConnectionOptionsPatch | None) -> ConnectionOptions:
    """What was set, for a connection that is not stored; raises ConnectionInvalid."""
    if written is None:
        return ConnectionOptions()
    _check(kind, written)
    return ConnectionOptions(headers=plain_headers(written.headers), **_fields(written))


def stored_options(kind: ProviderKind, written: ConnectionOptionsPatch, *, before: Mapping[str, Any]) -> dict[str, Any]:
    """What was set, as it is stored: of headers the names, those of before where none are given.

    Raises ConnectionInvalid.
    """
    _check(kind, written)
    stored = {name: value for name, value in _fields(written).items() if value not in (None, (), {})}
    names = before.get("header_names") if written.headers is None else sorted(written.headers)
    return {**stored, "header_names": names} if names else stored


def _fields(written: ConnectionOptionsPatch) -> dict[str, Any]:
    return {
        "body": written.body or {},
        "models": tuple(written.models or ()),
        "authority": written.authority or None,
        "first_token_seconds": written.first_token_seconds,
        "idle_seconds": written.idle_seconds,
        "takes_tools": written.takes_tools is not False,
        "takes_system": written.takes_system is not False,
    }


def plain_headers(headers: Mapping[str, SecretStr] | None) -> dict[str, str]:
    """Headers as they are sent."""
    return {name: value.get_secret_value().strip() for name, value in (headers or {}).items()}


def _check(kind: ProviderKind, written: ConnectionOptionsPatch) -> None:
    for name, value in plain_headers(written.headers).items():
        if name.lower() in OWN_HEADERS:
            raise ConnectionInvalid(f"The header {name} belongs to the connection itself.", field="options.headers")
        if not (value and value.isascii() and value.isprintable()):
            raise ConnectionInvalid(f"The header {name} has characters that none has.", field="options.headers")
    for name in written.body or {}:
        if name in OWN_FIELDS:
            raise ConnectionInvalid(f"The field {name} is set by each request itself.", field="options.body")
    if len(orjson.dumps(written.body or {})) > _MOST_BYTES:
        raise ConnectionInvalid("These fields are too much.", field="options.body")
    if written.authority:
        _check_authority(kind, written.authority)


def _check_authority(kind: ProviderKind, authority: str) -> None:
    if kind.wire is Wire.LITELLM:
        raise ConnectionInvalid(f"{kind.title} is asked with the usual certificates only.", field="options.authority")
    try:
        trusting(authority)
    except OutboundFailed as error:
        raise ConnectionInvalid(error.message, field="options.authority") from None
