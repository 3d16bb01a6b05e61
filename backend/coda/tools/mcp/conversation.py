"""How an MCP server is spoken to; known without the SDK."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coda.core.guarded_http import OutboundHttp

TOOLS_CHANGED: Final = "notifications/tools/list_changed"


def hear_nothing(_method: str) -> None:
    """For those whom a server's notifications do not concern."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Limits of one exchange. `heard` gets the server's notifications; `protocol` None: it is found out."""

    http: OutboundHttp
    seconds: float
    max_bytes: int
    heard: Callable[[str], None] = hear_nothing
    protocol: str | None = None
