"""Whether what somebody enters can be a connection's proxy, and who may enter one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from coda.core.guarded_http import OutboundError, Reach
from coda.core.guarded_http.client import check_reach, check_url
from coda.core.guarded_http.hosts import in_usual_form
from coda.llm.errors import ConnectionInvalid
from coda.llm.providers.kinds import ProviderKind, Wire

_FIELD = "options.proxy"


@dataclass(frozen=True, slots=True)
class EnteredProxy:
    """The URL of a proxy: as it is shown, and whole with its login where it has one."""

    shown: str
    with_login: str | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """What was entered; raises ConnectionInvalid."""
        text = text.strip()
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            login, _, host = parts.netloc.rpartition("@")
            shown = in_usual_form(urlunsplit((parts.scheme, host, "", "", "")))
            check_url(shown)
        except (ValueError, OutboundError) as error:
            said = error.message if isinstance(error, OutboundError) else "The address is not one that can be read."
            raise ConnectionInvalid(said, field=_FIELD) from None
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ConnectionInvalid("A proxy is a host and a port, without a path.", field=_FIELD)
        whole = shown.replace("://", f"://{login}@", 1) if login else None
        return cls(shown, whole)

    def as_stored(self, *, before: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that are shown. The login of before goes on being used with the same proxy."""
        had_login = before.get("proxy") == self.shown and bool(before.get("proxy_has_login"))
        has_login = self.with_login is not None or had_login
        return {"proxy": self.shown, **({"proxy_has_login": True} if has_login else {})}


def check_proxy(kind: ProviderKind, proxy: EnteredProxy, *, reach: Reach, may_reach_private: bool) -> None:
    """Raises ConnectionInvalid, AddressRefused for a proxy by which more could be reached than its author may reach.

    `reach` is that of the connection: a proxy's name is looked up with it when the connection is used.
    """
    if not may_reach_private and (kind.wire is Wire.LITELLM or reach is not Reach.PUBLIC):
        raise ConnectionInvalid("Only an operator may set a proxy for this connection.", field=_FIELD)
    check_reach(proxy.shown, Reach.PRIVATE if may_reach_private else Reach.PUBLIC, field=_FIELD)
