"""A plain model call, booked however it ends."""

from collections.abc import AsyncIterator

from coda.core.db import Database
from coda.core.ids import new_id
from coda.llm.gateway import usage_record
from coda.llm.types import ChatDelta, MeteredUsage
from coda.llm.wrappers.metering import ModelCall
from coda.organizations.principal import Principal
from coda.usage.types import UsageSource
from coda.usage.wiring import ledger


class PlainCompletion:
    """One call of a model for a client of this wire."""

    def __init__(self, call: ModelCall, database: Database, principal: Principal) -> None:
        self._call, self._database, self._principal = call, database, principal
        self._source_id = new_id()
        self._is_finished = False

    def __aiter__(self) -> AsyncIterator[ChatDelta]:
        return aiter(self._call)

    def metered(self) -> MeteredUsage | None:
        """Usage and cost so far."""
        return self._call.metered()

    async def finish(self) -> None:
        """Close the provider's stream and book what was used."""
        if self._is_finished:
            return
        self._is_finished = True
        await self._call.aclose()
        metered = self._call.metered()
        if metered is None:
            return
        scope, principal = self._principal.scope, self._principal
        source = UsageSource(self._source_id, principal.user_id, "api", api_key_id=principal.api_key_id)
        async with self._database.transaction(scope) as db:
            await ledger(db, scope).book(source, usage_record(metered))
