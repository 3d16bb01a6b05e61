"""Requests of one person, and the runs that answer them."""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.gateways.answers.repeats.models import ApiRequest
from coda.gateways.answers.repeats.types import ClaimedRequest, ClientRequest, RunState
from coda.runs.models import Run
from coda.runs.types import WORKING_STATUSES

KEPT: Final = timedelta(hours=24)
SOON: Final = timedelta(seconds=60)
"""For so long after its end an answer is given again to a client that says that it asks again."""


class ApiRequestRepository:
    """Finds requests by their key, or by what they say, and keeps them."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def keep(self, asked: ClientRequest) -> ClaimedRequest | None:
        """Keep a request that is new; None where its key is in use."""
        session_id, run_id = new_id(), new_id()
        row = {
            "org_id": self._scope.org_id,
            "id": new_id(),
            "user_id": self._scope.user_id,
            "key_hash": asked.key_hash,
            "body_hash": asked.body_hash,
            "session_id": session_id,
            "run_id": run_id,
        }
        kept = await self._db.scalar(insert(ApiRequest).values(row).on_conflict_do_nothing().returning(ApiRequest.id))
        return None if kept is None else ClaimedRequest(kept, session_id, run_id, 1, "new")

    async def forget_old(self, key_hash: bytes) -> None:
        """After its time a key may be used anew."""
        await self._db.execute(
            delete(ApiRequest).where(
                *self._own(), ApiRequest.key_hash == key_hash, ApiRequest.created_at < func.now() - KEPT
            )
        )

    async def find_by_key(self, key_hash: bytes) -> tuple[ClaimedRequest, bytes] | None:
        """The request of this key, locked, and what it said."""
        found = await self._first(ApiRequest.key_hash == key_hash)
        return None if found is None else (_claimed(found), found.ApiRequest.body_hash)

    async def find_repeated(self, asked: ClientRequest) -> ClaimedRequest | None:
        """The newest request that says the same and whose client, as far as it can be told, asks again by this one.

        One whose client got no answer a moment ago; or, where the client says that it asks again, one that is being
        answered or was a moment ago.
        """
        unanswered = ApiRequest.unanswered_at > func.now() - SOON
        answering = or_(Run.status.in_(WORKING_STATUSES), Run.finished_at > func.now() - SOON)
        is_asked_again = or_(unanswered, answering) if asked.is_retry else unanswered
        is_kept = and_(ChatSession.deleted_at.is_(None), ApiRequest.created_at > func.now() - KEPT)
        found = await self._first(ApiRequest.body_hash == asked.body_hash, is_kept, is_asked_again)
        return None if found is None else _claimed(found)

    async def follow(self, request_id: UUID, *, run_id: UUID) -> int:
        """Another attempt follows this run; gives its number."""
        change = update(ApiRequest).where(*self._own(), ApiRequest.id == request_id)
        values: dict[str, Any] = {"run_id": run_id, "attempt": ApiRequest.attempt + 1, "unanswered_at": None}
        return await self._db.scalar(change.values(values).returning(ApiRequest.attempt)) or 0

    async def leave(self, request_id: UUID, *, attempt: int) -> bool:
        """The client of an attempt got no answer; False where another attempt follows the run."""
        change = update(ApiRequest).where(*self._own(), ApiRequest.id == request_id, ApiRequest.attempt == attempt)
        left = change.values(unanswered_at=func.now()).returning(ApiRequest.id)
        return await self._db.scalar(left) is not None

    async def _first(self, *conditions: ColumnElement[bool]) -> Row[ApiRequest, Run | None] | None:
        query = (
            select(ApiRequest, Run)
            .outerjoin(Run, and_(Run.org_id == ApiRequest.org_id, Run.id == ApiRequest.run_id))
            .outerjoin(ChatSession, and_(ChatSession.org_id == Run.org_id, ChatSession.id == Run.session_id))
            .where(*self._own(), *conditions)
            .order_by(ApiRequest.created_at.desc())
            .limit(1)
            .with_for_update(of=ApiRequest)
            .execution_options(populate_existing=True)
        )
        return (await self._db.execute(query)).first()

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        return ApiRequest.org_id == self._scope.org_id, ApiRequest.user_id == self._scope.user_id


def _claimed(found: Row[ApiRequest, Run | None]) -> ClaimedRequest:
    request, run = found
    state: RunState = "new"
    if run is not None:
        # Whoever left has it cancelled: what it still says is no answer to who asks again.
        is_ending = request.unanswered_at is not None and run.status in WORKING_STATUSES
        state = "ended" if is_ending or run.status in ("failed", "cancelled") else "answers"
    session_id = request.session_id if run is None else run.session_id
    message_id = None if run is None else run.message_id
    return ClaimedRequest(request.id, session_id, request.run_id, request.attempt, state, message_id)
