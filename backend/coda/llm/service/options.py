"""Whether what somebody sets for a connection can be, how it is stored, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import SecretStr

from coda.core.entered_secrets import is_sendable
from coda.core.guarded_http import OutboundFailed, Reach
from coda.core.guarded_http.route import trusting
from coda.llm.dialects.known import LITELLM_FIELDS
from coda.llm.errors import ConnectionInvalid
from coda.llm.pricing import dearer_fields
from coda.llm.providers.kinds import ProviderKind, Wire
from coda.llm.providers.options import OWN_FIELDS, OWN_HEADERS, ConnectionOptions, read_options
from coda.llm.schemas import ConnectionOptionsPatch
from coda.llm.service.proxies import EnteredProxy, check_proxy

_MOST_BYTES: Final = 16_000


@dataclass(frozen=True, slots=True)
class OptionsAuthor:
    """For what, and by whom something is set; `reach` is how far the connection may lead."""

    kind: ProviderKind
    reach: Reach
    may_reach_private: bool

    def requested(self, written: ConnectionOptionsPatch | None) -> ConnectionOptions:
        """What was set, for a connection that is not stored; raises ConnectionInvalid, AddressRefused."""
        if written is None:
            return ConnectionOptions()
        stored = self.stored(written, before={})
        proxy = entered_proxy(written)
        return read_options(stored, plain_headers(written.headers), proxy.with_login if proxy is not None else None)

    def stored(self, written: ConnectionOptionsPatch, *, before: Mapping[str, Any]) -> dict[str, Any]:
        """What was set, as it is stored: of headers the names, those of before where none are given.

        Raises ConnectionInvalid, AddressRefused.
        """
        _check(written, self.kind)
        stored = {name: value for name, value in _fields(written).items() if value not in (None, [], {})}
        if (proxy := entered_proxy(written)) is not None:
            if proxy.with_login is not None or proxy.shown != before.get("proxy"):
                check_proxy(self.kind, proxy, reach=self.reach, may_reach_private=self.may_reach_private)
            stored |= proxy.as_stored(before=before)
        known = before.get("header_names", [])
        names = known if written.headers is None else sorted(written.headers)
        unknown = next((name for name in kept_headers(written.headers) if name not in known), None)
        if unknown is not None:
            raise ConnectionInvalid(f"The header {unknown} has no value.", field="options.headers")
        return {**stored, "header_names": names} if names else stored


def entered_proxy(written: ConnectionOptionsPatch) -> EnteredProxy | None:
    """The proxy that was entered; raises ConnectionInvalid."""
    return EnteredProxy.read(written.proxy.get_secret_value()) if written.proxy is not None else None


def _fields(written: ConnectionOptionsPatch) -> dict[str, Any]:
    return {
        "body": written.body,
        "models": written.models,
        "authority": written.authority or None,
        "first_token_seconds": written.first_token_seconds,
        "idle_seconds": written.idle_seconds,
        "takes_tools": False if written.takes_tools is False else None,
        "takes_system": False if written.takes_system is False else None,
        "prices": [price.as_stored() for price in written.prices or ()],
    }


Headers = Mapping[str, SecretStr | None]


def plain_headers(headers: Headers | None) -> dict[str, str]:
    """Headers as they are sent, those that were given a value."""
    given = {name: value for name, value in (headers or {}).items() if value is not None}
    return {name: value.get_secret_value().strip() for name, value in given.items()}


def kept_headers(headers: Headers | None) -> list[str]:
    """Those whose stored value stays."""
    return [name for name, value in (headers or {}).items() if value is None]


def _check(written: ConnectionOptionsPatch, kind: ProviderKind) -> None:
    for name, value in plain_headers(written.headers).items():
        if name.lower() in OWN_HEADERS:
            raise ConnectionInvalid(f"The header {name} belongs to the connection itself.", field="options.headers")
        if not is_sendable(value):
            raise ConnectionInvalid(f"The header {name} has characters that none has.", field="options.headers")
    _check_body(written.body or {}, kind)
    _check_cost(written, kind)
    if written.authority:
        _check_authority(written.authority)
    named = [price.model for price in written.prices or ()]
    if len(set(named)) < len(named):
        raise ConnectionInvalid("A model has two prices.", field="options.prices")


def _check_body(body: Mapping[str, Any], kind: ProviderKind) -> None:
    for name in body:
        if name in OWN_FIELDS:
            raise ConnectionInvalid(f"The field {name} is set by each request itself.", field="options.body")
        if kind.wire is Wire.LITELLM and name not in LITELLM_FIELDS:
            raise ConnectionInvalid(f"{kind.title} has no field {name} that could be set.", field="options.body")
    if len(orjson.dumps(body)) > _MOST_BYTES:
        raise ConnectionInvalid("These fields are too much.", field="options.body")


def _check_cost(written: ConnectionOptionsPatch, kind: ProviderKind) -> None:
    """The price book knows one price a model: what costs more has to be priced, or would be booked for too little."""
    if kind.is_free or kind.tells_cost or any(price.model is None for price in written.prices or ()):
        return
    for name in dearer_fields(written.body or {}):
        raise ConnectionInvalid(
            f"With {name} a call costs more than the price book knows. Set the price of all models too.",
            field="options.body",
        )


def _check_authority(authority: str) -> None:
    try:
        trusting(authority)
    except OutboundFailed as error:
        raise ConnectionInvalid(error.message, field="options.authority") from None
