"""A completion, as this wire serves it: a plain model call or an agent run."""

from collections.abc import AsyncIterator
from typing import Protocol

from coda.llm.types import ChatDelta, MeteredUsage


class Completion(Protocol):
    """Deltas, then what they cost. `finish` ends it early or closes it, and may be called more than once."""

    def __aiter__(self) -> AsyncIterator[ChatDelta]:
        """The deltas; raises a CodaError where the answer cannot go on."""
        ...

    def metered(self) -> MeteredUsage | None:
        """Usage and cost so far; None where nothing was used."""
        ...

    async def finish(self) -> None:
        """Stop whatever still works for this answer and book what was used."""
        ...
