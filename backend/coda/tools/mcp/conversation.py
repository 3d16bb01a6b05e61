"""How an MCP server is spoken to; known without the SDK."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coda.core.guarded_http import OutboundHttp
from coda.core.text import storable
from coda.tools.mcp.courtesies import Courtesies

NOT_SENT: Final = frozenset(
    {"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"}
)
"""Headers that our own client writes."""
OF_THE_PROTOCOL: Final = frozenset(
    {"accept", "content-type", "mcp-session-id", "mcp-protocol-version", "last-event-id", "traceparent", "tracestate"}
)
TOOLS_CHANGED: Final = "notifications/tools/list_changed"
LONGEST_WORDS: Final = 1_000


def hear_nothing(_method: str) -> None:
    """For those whom a server's notifications do not concern."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Limits of one exchange. `heard` gets the server's notifications; `protocol` None: it is found out."""

    http: OutboundHttp
    courtesies: Courtesies
    seconds: float
    max_bytes: int
    heard: Callable[[str], None] = hear_nothing
    protocol: str | None = None


def bounded(words: str) -> str:
    """A server's words, as many as are told."""
    words = storable(words).strip()
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…"
