"""Where a provider is asked, with which headers, and in which dialects of its wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote, urlsplit

from coda.core.guarded_http import Reach
from coda.core.guarded_http.route import DIRECT, Route
from coda.llm.dialects.dialect import Dialects

_SHORTEST_KEY: Final = 8


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to ask. `{model}` in `chat_url` is replaced by the quoted model name.

    `first_token_seconds` and `idle_seconds`: how long it may be silent, where that is not as usual.
    """

    chat_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret: str | None = field(default=None, repr=False)
    reach: Reach = Reach.ANY
    dialects: Dialects = field(default_factory=Dialects)
    route: Route = DIRECT
    first_token_seconds: float | None = None
    idle_seconds: float | None = None

    def url_for(self, model: str) -> str:
        """The address of a chat call to this model."""
        return self.chat_url.replace("{model}", quote(model, safe=""))

    @property
    def host(self) -> str:
        """Host name (and port, where one is given), as the ledger keeps it."""
        return urlsplit(self.chat_url).netloc

    def conceal(self, text: str) -> str:
        """Text of the provider without our key in it; a placeholder such as `none` is no key, but a word."""
        is_key = self.secret is not None and len(self.secret) >= _SHORTEST_KEY
        return text.replace(self.secret or "", "•••") if is_key else text
