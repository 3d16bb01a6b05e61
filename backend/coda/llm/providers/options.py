"""What a person has set for one connection, beside its address and key."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from coda.llm.dialects.dialect import Dialect

OWN_HEADERS: Final = frozenset({
    "host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding", "upgrade", "te",
    "trailer", "proxy-authorization", "keep-alive", "expect",
})  # fmt: skip
"""Headers that belong to the connection itself."""
OWN_FIELDS: Final = frozenset({"model", "messages", "stream", "tools", "tool_choice"})
"""Fields of a request that a connection cannot change."""


@dataclass(frozen=True, slots=True)
class ConnectionOptions:
    """`headers` and `body` go with every request. `models`: names by hand. `authority`: certificates in PEM.

    `takes_tools` and `takes_system`: whether its models are told of tools, and instructed in a role of its own.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    authority: str | None = None
    first_token_seconds: float | None = None
    idle_seconds: float | None = None
    takes_tools: bool = True
    takes_system: bool = True

    def spoken(self, dialect: Dialect) -> Dialect:
        """The dialect with what was set."""
        refused = {"tools"} if not self.takes_tools else set()
        if not self.takes_system:
            refused.add("system")
        return replace(dialect, refuses=dialect.refuses | refused, extra_body={**dialect.extra_body, **self.body})


AS_USUAL: Final = ConnectionOptions()


def read_options(stored: Mapping[str, Any], headers: Mapping[str, str]) -> ConnectionOptions:
    """What is stored, with the headers, which lie elsewhere."""
    told = {name: value for name, value in stored.items() if name != "header_names"}
    return ConnectionOptions(headers=headers, **{**told, "models": tuple(told.get("models", ()))})
