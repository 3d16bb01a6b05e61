"""The way to an address where it is not the usual one: through a proxy, or trusting an authority of one's own."""

import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from coda.core.guarded_http.errors import OutboundFailed


@dataclass(frozen=True, slots=True)
class Route:
    """`proxy`: the URL of an HTTP proxy. `authority`: certificates, in PEM, that are trusted beside the usual ones."""

    proxy: str | None = None
    authority: str | None = None

    def arguments(self) -> dict[str, Any]:
        """What the HTTP client is told with each request; raises OutboundFailed for what is no certificate."""
        told: dict[str, Any] = {}
        if self.proxy is not None:
            told["proxy"] = self.proxy
        if self.authority is not None:
            told["ssl"] = trusting(self.authority)
        return told


DIRECT: Final = Route()


@lru_cache(maxsize=200)
def trusting(authority: str) -> ssl.SSLContext:
    """A client's context that trusts these certificates too, one for each text: connections are pooled by it."""
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError):
        raise OutboundFailed("This is not a certificate in PEM form.") from None
    return context
