"""What is being answered, whatever wire it was asked by, and its end however the request ends."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

import structlog

from coda.core.errors import CodaError
from coda.core.tasks import BackgroundTasks
from coda.llm.types import ChatDelta, MeteredUsage

_log = structlog.get_logger("coda.gateways")
_finishing: Final = BackgroundTasks()


@dataclass(frozen=True, slots=True)
class Branch:
    """An answer in a chat session, and what stands above it."""

    session_id: UUID
    message_id: UUID


class Completion(Protocol):
    """Deltas, then what they cost. `finish` ends it early or closes it, and may be called more than once.

    `headers` belong to whatever is answered once it is open, errors too.
    """

    @property
    def headers(self) -> Mapping[str, str]:
        """What the client is told beside the answer."""
        ...

    @property
    def branch(self) -> Branch | None:
        """The answer in its chat; None for a plain call, which belongs to no chat."""
        ...

    def __aiter__(self) -> AsyncIterator[ChatDelta]:
        """The deltas; raises a CodaError where the answer cannot go on."""
        ...

    def metered(self) -> MeteredUsage | None:
        """Usage and cost so far; None where nothing was used."""
        ...

    async def finish(self) -> None:
        """Stop whatever still works for this answer and book what was used."""
        ...


async def finish_safely(completion: Completion) -> None:
    """Finish in a task of its own: it goes on when this request is cancelled."""
    await end_safely(completion.finish())


async def end_safely(work: Coroutine[Any, Any, None]) -> None:
    """The same for whatever else has to be done at the end of a request."""
    await asyncio.shield(_finishing.start(_finish(work)))


def finish_once_open(opening: "asyncio.Task[Completion]") -> None:
    """Whoever asked has left before their answer was open: it ends as soon as it is."""

    async def end() -> None:
        await (await opening).finish()

    _finishing.start(_finish(end()))


async def _finish(finishing: Coroutine[Any, Any, None]) -> None:
    try:
        await finishing
    except CodaError as error:
        _log.warning("completion not finished", code=error.code)
