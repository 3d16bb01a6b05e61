"""Runs that no worker has begun: released, blocked, removed. The lock on its row decides who is first at one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.runs.models import RemovedRun
from coda.runs.queue.admission import WaitingState
from coda.runs.queue.commands import RunCommand
from coda.runs.queue.run_queue import WAKE_CHANNEL

_LOCK = text("""
    select state, after_message_id from run_queue
     where org_id = :org_id and run_id = :run_id and state <> 'running' and fence = 0 and not resumes
       for update skip locked
""")
_RELEASE = text("""
    update run_queue set state = :state, available_at = now(), enqueued_at = now(), command = :command
     where org_id = :org_id and run_id = :run_id
""")
_FOLLOW = text("""
    update run_queue set state = :state, available_at = now(), enqueued_at = now()
     where org_id = :org_id and after_message_id = :message_id and state = 'blocked'
 returning run_id
""")
_REATTACH = text("""
    update run_queue
       set state = :state, after_message_id = :after_message_id, available_at = now(), enqueued_at = now()
     where org_id = :org_id and after_message_id = :message_id and state = 'blocked'
 returning run_id
""")
_BLOCK_AGAIN = text("""
    update run_queue set state = 'blocked', command = 'resume'
     where org_id = :org_id and after_message_id = :message_id and state = 'held'
 returning run_id
""")
_WAITS_FOR_PERSON = text("select 1 from run_queue where org_id = :org_id and run_id = :run_id and state = 'held'")
_REMOVE = text("delete from run_queue where org_id = :org_id and run_id = :run_id")
_WAKE = text("select pg_notify(:channel, '')")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A locked run that no worker has begun, and the unfinished answer that it waits for, if any."""

    state: WaitingState
    after_message_id: UUID | None


class WaitingRuns:
    """Rows of the queue that no worker has begun, in one transaction.

    The caller locks the session first, as the completion of the answer above does. A row that is locked is just being
    begun, so it is skipped.
    """

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def lock(self, run_id: UUID) -> Waiting | None:
        """Lock a run that no worker has begun; None once it is begun, or being begun."""
        row = (await self._db.execute(_LOCK, self._one(run_id))).mappings().first()
        return None if row is None else Waiting(**row)

    async def waits_for_person(self, run_id: UUID) -> bool:
        """Whether a run waits for the person, as it is just now."""
        return (await self._db.execute(_WAITS_FOR_PERSON, self._one(run_id))).first() is not None

    async def release(self, run_id: UUID, state: WaitingState) -> None:
        """A person releases a run that waited for them. It counts as resumed, so that asking again is asking once."""
        await self._db.execute(_RELEASE, {**self._one(run_id), "state": state, "command": RunCommand.RESUME})
        await self.wake()

    async def release_followers(self, message_id: UUID, *, is_complete: bool) -> list[UUID]:
        """An answer has ended: what waits for it is queued, or waits for the person. Gives these runs."""
        state = "queued" if is_complete else "held"
        given = {"org_id": self._scope.org_id, "message_id": message_id, "state": state}
        return await self._moved(_FOLLOW, given)

    async def block_again(self, message_id: UUID) -> list[UUID]:
        """An answer goes on: what waited for the person under it waits for the answer again, as if each was resumed."""
        return await self._moved(_BLOCK_AGAIN, {"org_id": self._scope.org_id, "message_id": message_id})

    async def reattach(self, message_id: UUID, waiting: Waiting) -> list[UUID]:
        """What waited for this answer waits for what the answer itself waited for. Gives these runs."""
        given = {
            "org_id": self._scope.org_id,
            "message_id": message_id,
            "state": waiting.state,
            "after_message_id": waiting.after_message_id,
        }
        return await self._moved(_REATTACH, given)

    async def remove(self, run_id: UUID, *, question_id: UUID | None) -> None:
        """Remove a locked run from the queue; its ids stay used."""
        await self._db.execute(_REMOVE, self._one(run_id))
        org_id, user_id = self._scope.org_id, self._scope.user_id
        self._db.add(RemovedRun(org_id=org_id, id=run_id, user_id=user_id, question_id=question_id))
        await self._db.flush()

    async def is_removed(self, run_id: UUID) -> bool:
        """Whether the scope's person removed this run before."""
        removed = await self._db.get(RemovedRun, (self._scope.org_id, run_id))
        return removed is not None and removed.user_id == self._scope.user_id

    async def wake(self) -> None:
        """Let workers look at commit: they may have skipped a row while it was locked."""
        await self._db.execute(_WAKE, {"channel": WAKE_CHANNEL})

    def _one(self, run_id: UUID) -> dict[str, UUID]:
        return {"org_id": self._scope.org_id, "run_id": run_id}

    async def _moved(self, statement: Any, given: dict[str, Any]) -> list[UUID]:  # noqa: ANN401 - an SQL statement
        moved = list((await self._db.execute(statement, given)).scalars())
        if moved and given.get("state") == "queued":
            await self.wake()
        return moved
