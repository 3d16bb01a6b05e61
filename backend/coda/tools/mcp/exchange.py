"""One conversation with an MCP server: agree on a revision, do one thing, and say in our words what went wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.dispatcher import Dispatcher
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from coda import __version__
from coda.core.errors import CodaError
from coda.tools.mcp.conversation import Conversation
from coda.tools.mcp.dispatcher import HttpDispatcher, Screen
from coda.tools.mcp.wire import Wire
from coda.tools.sources.errors import (
    SourceAnswerInvalid,
    SourceError,
    SourceRefused,
    SourceTimedOut,
    SourceVersionUnknown,
)
from coda.tools.sources.types import Source

T = TypeVar("T")
_US: Final = types.Implementation(name="Coda", version=__version__)


async def converse(
    source: Source,
    how: Conversation,
    work: Callable[[ClientSession], Awaitable[T]],
    screens: Mapping[str, Screen],
) -> T:
    """The result of `work` in a session; raises SourceError, AddressRefused."""
    dispatcher = HttpDispatcher(Wire(source, how.http, max_bytes=how.max_bytes), how, screens)
    try:
        async with asyncio.timeout(how.seconds):
            return await held(dispatcher, how.protocol, work)
    except TimeoutError:
        raise _where_it_was(SourceTimedOut(how.seconds), dispatcher) from None
    except SourceError as error:
        raise _where_it_was(error, dispatcher) from error.__cause__
    finally:
        dispatcher.close()


async def held(dispatcher: Dispatcher[Any], protocol: str | None, work: Callable[[ClientSession], Awaitable[T]]) -> T:
    """The result of `work` in a session over whatever carries it; raises CodaError.

    The SDK puts what is raised inside a session into groups: so it is carried out of it.
    """
    async with ClientSession(dispatcher=dispatcher, client_info=_US) as session:
        try:
            await _agree(session, protocol)
            result: T | Exception = await work(session)
        except CodaError as error:
            result = error
        except MCPError as error:
            result = _refused(error)
        except (ValidationError, RuntimeError, ValueError):  # of the SDK, about what came
            result = SourceAnswerInvalid()
    if isinstance(result, Exception):
        raise result
    return result


def _refused(error: MCPError) -> SourceRefused:
    """What fails inside of a server may have begun; all else is refused before."""
    refused = SourceRefused(error.message or f"error {error.code}.", error_code=error.code)
    refused.may_have_worked = error.code == types.INTERNAL_ERROR
    return refused


async def _agree(session: ClientSession, protocol: str | None) -> None:
    """Speak what was found out before, else the newest revision that both know."""
    if protocol in MODERN_PROTOCOL_VERSIONS:
        session.adopt(_known(protocol))
        return
    if protocol is None and await _is_discovered(session):
        return
    try:
        await session.initialize()
    except RuntimeError:
        raise SourceVersionUnknown from None


async def _is_discovered(session: ClientSession) -> bool:
    """Whether the server knows a revision without a handshake. Whatever else it answers, it is an older one."""
    try:
        await session.discover()
    except (MCPError, ValidationError, RuntimeError):
        return False
    except SourceError as error:
        if error.has_answered:
            return False
        raise
    return True


def _known(protocol: str) -> types.DiscoverResult:
    nothing = types.ServerCapabilities()
    return types.DiscoverResult(
        supported_versions=[protocol], capabilities=nothing, result_type="complete", ttl_ms=0, cache_scope="public"
    )


def _where_it_was(error: SourceError, dispatcher: HttpDispatcher) -> SourceError:
    """Nothing is done before the call itself was sent."""
    error.may_have_worked = error.may_have_worked and dispatcher.is_calling
    return error
