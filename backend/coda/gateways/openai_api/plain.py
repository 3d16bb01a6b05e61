"""A plain model call: its worst case is held before it is made, and it is booked however it ends."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Self

from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.ids import new_id
from coda.llm.gateway import ResolvedModel, usage_record
from coda.llm.types import ChatDelta, ChatRequest, MeteredUsage
from coda.llm.wrappers.metering import ModelCall
from coda.usage.types import UsageSource
from coda.usage.wiring import ledger, reservations


class PlainCompletion:
    """One call of a model for a client of this wire."""

    def __init__(self, call: ModelCall, database: Database, principal: Principal) -> None:
        self._call, self._database, self._principal = call, database, principal
        self._source_id = new_id()
        self._is_finished = False

    @classmethod
    async def begin(
        cls, model: ResolvedModel, request: ChatRequest, *, database: Database, principal: Principal
    ) -> Self:
        """Hold what the call could cost at most; nothing is asked of the provider before that is committed."""
        completion = cls(model.stream(request), database, principal)
        await completion._hold(model.worst_case_usd(request))
        return completion

    async def _hold(self, amount_usd: Decimal | None) -> None:
        scope, user_id = self._principal.scope, self._principal.user_id
        async with self._database.transaction(scope) as db:
            await reservations(db, scope).hold(run_id=self._source_id, user_id=user_id, amount_usd=amount_usd)

    def __aiter__(self) -> AsyncIterator[ChatDelta]:
        return aiter(self._call)

    def metered(self) -> MeteredUsage | None:
        """Usage and cost so far."""
        return self._call.metered()

    async def finish(self) -> None:
        """Close the provider's stream, book what was used and let go of what was held."""
        if self._is_finished:
            return
        self._is_finished = True
        await self._call.aclose()
        metered = self._call.metered()
        scope, principal = self._principal.scope, self._principal
        async with self._database.transaction(scope) as db:
            held = reservations(db, scope)
            if metered is None:
                await held.release(self._source_id)
                return
            source = UsageSource(self._source_id, principal.user_id, "api", api_key_id=principal.api_key_id)
            await ledger(db, scope).book(source, usage_record(metered))
            await held.settle(self._source_id)
