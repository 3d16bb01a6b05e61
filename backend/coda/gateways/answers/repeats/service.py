"""Which run answers a request: a new one, or that of the same request before."""

from dataclasses import dataclass, replace
from uuid import UUID

from coda.access.principal import Principal
from coda.core.db import Database
from coda.gateways.answers.repeats.errors import IdempotencyKeyReused
from coda.gateways.answers.repeats.repository import ApiRequestRepository
from coda.gateways.answers.repeats.types import ClaimedRequest, ClientRequest


@dataclass(frozen=True, slots=True)
class RepeatedRequests:
    """Each call is a transaction of its own."""

    database: Database

    async def claim(self, principal: Principal, asked: ClientRequest) -> ClaimedRequest:
        """The request as it is known, and as it is kept from now on; raises IdempotencyKeyReused."""
        async with self.database.transaction(principal.scope) as db:
            requests = ApiRequestRepository(db, principal.scope)
            if asked.key_hash is None:
                found = await requests.find_repeated(asked)
            else:
                await requests.forget_old(asked.key_hash)
                found = None
            kept = found or await requests.keep(asked)
            if kept is None and asked.key_hash is not None:
                kept = await self._of_key(requests, asked, asked.key_hash)
            if kept is None:
                raise AssertionError("what is not new is kept already")
            if kept.state == "answers":
                kept = replace(kept, attempt=await requests.follow(kept.id, run_id=kept.run_id))
            return kept

    @staticmethod
    async def _of_key(requests: ApiRequestRepository, asked: ClientRequest, key_hash: bytes) -> ClaimedRequest | None:
        found = await requests.find_by_key(key_hash)
        if found is None:
            return None
        known, body_hash = found
        if body_hash != asked.body_hash:
            raise IdempotencyKeyReused
        return known

    async def follow(self, principal: Principal, request: ClaimedRequest, run_id: UUID) -> ClaimedRequest:
        """The request is answered anew, by another run."""
        async with self.database.transaction(principal.scope) as db:
            attempt = await ApiRequestRepository(db, principal.scope).follow(request.id, run_id=run_id)
        return replace(request, run_id=run_id, attempt=attempt)

    async def leave(self, principal: Principal, request: ClaimedRequest) -> bool:
        """The client of this attempt gets no answer; False where another attempt follows the run."""
        async with self.database.transaction(principal.scope) as db:
            return await ApiRequestRepository(db, principal.scope).leave(request.id, attempt=request.attempt)
