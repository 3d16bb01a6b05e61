"""Lists sources: reads a source, asks it, and stores what it said, without a transaction while it is asked."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.clock import Stopwatch, now
from coda.core.db import Database
from coda.core.errors import CodaError
from coda.core.scope import Scope
from coda.core.security import Seal
from coda.core.text import storable
from coda.tools.sources.definitions import merge, to_forget, usable
from coda.tools.sources.errors import SourceError
from coda.tools.sources.models import ToolSource
from coda.tools.sources.repository import (
    EverySourceRepository,
    SourceSecretRepository,
    SourceToolRepository,
    ToolSourceRepository,
)
from coda.tools.sources.sealed import source_of
from coda.tools.sources.types import Offer, Owner, Source, SourceKind

_LONGEST_ERROR = 500
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """How a source answered: what it has, or why it could not be told."""

    latency_ms: int
    offer: Offer | None = None
    error: CodaError | None = None


async def ask(kind: SourceKind, source: Source) -> Listing:
    """Ask a source what it has."""
    watch = Stopwatch()
    try:
        offer = await kind.offer(source)
    except CodaError as error:
        return Listing(watch.elapsed_ms(), error=error)
    return Listing(watch.elapsed_ms(), offer)


@dataclass(frozen=True, slots=True)
class SourceLister:
    """Lists stored sources. `announce` tells every process at the commit that an owner's have changed."""

    database: Database
    kinds: Mapping[str, SourceKind]
    seal: Seal
    announce: Callable[[AsyncSession, Owner], Awaitable[None]]

    async def list(self, scope: Scope, source_id: UUID) -> None:
        """List a source of this scope; whoever names it may. Nothing where it is gone.

        Of two listings at once the one that began later is kept, whichever ends first.
        """
        async with self.database.transaction(scope) as db:
            row = await ToolSourceRepository(db, scope).lock(source_id)
            if row is None or row.kind not in self.kinds:
                return
            row.listings_begun += 1
            number = row.listings_begun
            try:
                source = source_of(row, await SourceSecretRepository(db, scope).find(source_id), seal=self.seal)
            except CodaError as error:
                _note(row, Listing(0, error=error))
                return
        listing = await ask(self.kinds[source.kind], source)
        async with self.database.transaction(scope) as db:
            row = await ToolSourceRepository(db, scope).lock(source_id)
            if row is None or row.config != source.config or row.listing_kept > number:
                return  # it is another one by now, and listed by who has changed it; or was listed anew
            row.listing_kept = number
            if listing.offer is not None and await self._keep(db, scope, row, listing.offer):
                await self.announce(db, Owner(row.org_id, row.owner_id))
            _note(row, listing)
        error_code = None if listing.error is None else listing.error.code
        _log.info("tools.source_listed", source_id=str(source_id), error=error_code)

    async def slugs_everywhere(self) -> set[str]:
        """What the tools of any source begin with, whosever it is."""
        async with self.database.system() as connection:
            return await EverySourceRepository(connection).slugs()

    async def _keep(self, db: AsyncSession, scope: Scope, row: ToolSource, offer: Offer) -> bool:
        """Store what is offered; gives whether the agent has something else by that."""
        tools = SourceToolRepository(db, scope)
        stored = (await tools.of([row.id])).get(row.id, ())
        before = (row.protocol, usable(stored))
        new = merge(stored, offer, org_id=row.org_id, source_id=row.id, is_first=row.listed_at is None)
        await tools.put(new)
        await tools.forget(to_forget(stored))
        row.protocol, row.listed_at = offer.protocol, now()
        row.left_out = [asdict(each) for each in offer.left_out]
        return before != (row.protocol, usable([*stored, *new]))


def _note(row: ToolSource, listing: Listing) -> None:
    row.checked_at, row.latency_ms = now(), listing.latency_ms
    row.error_code = None if listing.error is None else listing.error.code
    row.error = None if listing.error is None else storable(words_of(listing.error))[:_LONGEST_ERROR]


def words_of(error: CodaError) -> str:
    """What went wrong, for who knows the code: the server's words alone where it is they that matter."""
    return error.said if isinstance(error, SourceError) else error.message
