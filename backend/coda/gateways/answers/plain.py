"""A plain model call: its worst case is held before it is made, and it is booked however it ends."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from decimal import Decimal
from typing import Self
from uuid import UUID

from coda.access.principal import Principal
from coda.core.db import Database
from coda.core.ids import new_id
from coda.gateways.answers.errors import rights_over
from coda.llm.gateway import ResolvedModel, usage_record
from coda.llm.types import ChatDelta, ChatRequest, MeteredUsage
from coda.llm.wrappers.metering import ModelCall
from coda.runs.connections.errors import CloseCode, SocketClosing
from coda.runs.connections.registry import ConnectionRegistry
from coda.usage.types import UsageSource
from coda.usage.wiring import ledger, reservations


class PlainCompletion:
    """One call of a model for a client of this wire."""

    def __init__(self, call: ModelCall, database: Database, principal: Principal, registry: ConnectionRegistry) -> None:
        self._call, self._database, self.principal = call, database, principal
        self._source_id = new_id()
        self._registration = registry.registered(self)
        self._waiting: asyncio.Timeout | None = None
        self._is_finished = self._is_registered = self._is_disconnected = False

    @classmethod
    async def begin(
        cls,
        model: ResolvedModel,
        request: ChatRequest,
        *,
        database: Database,
        principal: Principal,
        registry: ConnectionRegistry,
    ) -> Self:
        """Hold what the call could cost at most; nothing is asked of the provider before that is committed.

        Raises TooManyConnections.
        """
        completion = cls(model.stream(request), database, principal, registry)
        completion._registration.__enter__()
        completion._is_registered = True
        try:
            await completion._hold(model.worst_case_usd(request))
        except BaseException:
            completion._unregister()
            raise
        return completion

    @property
    def headers(self) -> Mapping[str, str]:
        """None: a plain call leaves nothing behind that a client could come back to."""
        return {}

    @property
    def branch(self) -> None:
        """None: a plain call belongs to no chat."""

    def disconnect(self, closing: SocketClosing) -> None:
        """End the stream of a caller whose rights are gone; when the process stops, the answer goes on for a while."""
        if closing.code is CloseCode.RESTART or self._is_disconnected:
            return
        self._is_disconnected = True
        if self._waiting is not None:
            self._waiting.reschedule(asyncio.get_running_loop().time())

    @property
    def followed_sessions(self) -> Collection[UUID]:
        """None: a plain call belongs to no chat session."""
        return ()

    def detach_session(self, session_id: UUID) -> None:
        """There is none."""

    def send_notes(self, notes: str) -> None:
        """Notes are for sockets."""

    def _unregister(self) -> None:
        if self._is_registered:
            self._is_registered = False
            self._registration.__exit__(None, None, None)

    async def _hold(self, amount_usd: Decimal | None) -> None:
        scope, user_id = self.principal.scope, self.principal.user_id
        async with self._database.transaction(scope) as db:
            await reservations(db, scope).hold(run_id=self._source_id, user_id=user_id, amount_usd=amount_usd)

    async def __aiter__(self) -> AsyncIterator[ChatDelta]:
        deltas = aiter(self._call)
        while (delta := await self._next(deltas)) is not None:
            yield delta

    async def _next(self, deltas: AsyncIterator[ChatDelta]) -> ChatDelta | None:
        """The next delta, None at the end; raises why as soon as the caller's rights are gone."""
        if self._is_disconnected:
            raise rights_over(self.principal)
        self._waiting = asyncio.timeout(None)
        try:
            async with self._waiting:
                return await anext(deltas, None)
        except TimeoutError:
            if self._is_disconnected:
                raise rights_over(self.principal) from None
            raise
        finally:
            self._waiting = None

    def metered(self) -> MeteredUsage | None:
        """Usage and cost so far."""
        return self._call.metered()

    async def finish(self) -> None:
        """Close the provider's stream, book what was used and let go of what was held."""
        if self._is_finished:
            return
        self._is_finished = True
        self._unregister()
        await self._call.aclose()
        metered = self._call.metered()
        scope, principal = self.principal.scope, self.principal
        async with self._database.transaction(scope) as db:
            held = reservations(db, scope)
            if metered is None:
                await held.release(self._source_id)
                return
            source = UsageSource(self._source_id, principal.user_id, "api", api_key_id=principal.api_key_id)
            await ledger(db, scope).book(source, usage_record(metered))
            await held.settle(self._source_id)
