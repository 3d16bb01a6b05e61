"""One conversation with an MCP server: connect, do one thing, and say in our words what went wrong."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, TypeVar

import httpx2
import mcp_types as types
from mcp.client.client import Client
from mcp.client.session import MessageHandlerFnT
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from coda import __version__
from coda.core.errors import CodaError
from coda.core.text import storable
from coda.tools.mcp.conversation import Conversation
from coda.tools.mcp.transport import GuardedTransport
from coda.tools.sources.errors import SourceAnswerInvalid, SourceError, SourceRefused, SourceTimedOut, SourceUnreachable
from coda.tools.sources.types import Source

T = TypeVar("T")
for _name in ("mcp.client", "mcp.shared", "httpx2"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # they write down what servers answer, and addresses
LONGEST_WORDS: Final = 1_000
_SERVER_ERROR: Final = 500
_NOT_OF_THE_PROTOCOL: Final = ("Unexpected content type", "Failed to parse", "server answered a request with 202")
_BROKEN_OFF: Final = ("SSE stream", "Connection closed", "Session terminated")


async def converse(source: Source, how: Conversation, work: Callable[[Client], Awaitable[T]]) -> T:
    """The result of `work` on a connected client; raises SourceError, AddressRefused."""
    transport = GuardedTransport(how.http, source.reach, max_bytes=how.max_bytes)
    done: list[T] = []
    try:
        async with (
            asyncio.timeout(how.seconds),
            httpx2.AsyncClient(transport=transport, headers=_sign_in(source), timeout=None) as http_client,
            Client(
                streamable_http_client(source.config["url"], http_client=http_client, max_sse_event_size=how.max_bytes),
                mode=_mode(how.protocol),
                cache=None,
                client_info=types.Implementation(name="Coda", version=__version__),
                message_handler=_hearing(how.heard),
            ) as client,
        ):
            done.append(await work(client))
    except TimeoutError:
        if not done:
            raise SourceTimedOut(how.seconds) from None
    except CodaError:
        raise
    except Exception as error:  # the SDK raises whatever its tasks raise, in groups
        if not done:
            raise _translated(error, transport) from error
    return done[0]


def _mode(protocol: str | None) -> str:
    if protocol is None:
        return "auto"
    return protocol if protocol in MODERN_PROTOCOL_VERSIONS else "legacy"


def _sign_in(source: Source) -> dict[str, str]:
    auth = source.config.get("auth")
    if auth is None or source.secret is None:
        return {}
    return {"Authorization": f"Bearer {source.secret}"} if auth["type"] == "bearer" else {auth["name"]: source.secret}


def _hearing(heard: Callable[[str], None]) -> MessageHandlerFnT:
    async def handle(message: Any) -> None:  # noqa: ANN401 - the SDK's union
        method = getattr(message, "method", None)
        if isinstance(method, str):
            heard(method)

    return handle


def _translated(error: Exception, transport: GuardedTransport) -> CodaError:
    if transport.failure is not None:
        return transport.failure
    each = next((one for one in _leaves(error) if isinstance(one, CodaError | MCPError)), None)
    if isinstance(each, CodaError):
        return each
    return SourceAnswerInvalid() if each is None else _refused(each.error.message, transport.status)


def _refused(said: str, status: int) -> SourceError:
    """What the SDK tells of an answer: in words of its own, or in the server's."""
    if status >= _SERVER_ERROR:
        return SourceUnreachable(f"it answered {status}.")
    if said.startswith(_NOT_OF_THE_PROTOCOL):
        return SourceAnswerInvalid()
    if said.startswith(_BROKEN_OFF):
        return SourceUnreachable("it broke off in the middle of its answer.")
    return SourceRefused(bounded(said))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def bounded(words: str) -> str:
    """A server's words, as many as are told."""
    words = storable(words).strip()
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…"
