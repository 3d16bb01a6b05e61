"""Runs that nobody has begun: let go, sent, taken out. What a person does to one is decided by the lock on its row."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.runs.models import RemovedRun
from coda.runs.queue.admission import WaitingState
from coda.runs.queue.run_queue import WAKE_CHANNEL

_LOCK = text("""
    select state, after_message_id from run_queue
     where run_id = :run_id and state <> 'running' and fence = 0 and not resumes
       for update skip locked
""")
_MOVE = text("""
    update run_queue set state = :state, available_at = now(), enqueued_at = now(), command = :command
     where run_id = :run_id
""")
_FOLLOW = text("""
    update run_queue set state = :state, available_at = now(), enqueued_at = now()
     where org_id = :org_id and after_message_id = :message_id and state = 'blocked'
 returning run_id
""")
_INHERIT = text("""
    update run_queue
       set state = :state, after_message_id = :after_message_id, available_at = now(), enqueued_at = now()
     where org_id = :org_id and after_message_id = :message_id and state = 'blocked'
 returning run_id
""")
_GO_ON_UNDER = text("""
    update run_queue set state = 'blocked', command = 'resume'
     where org_id = :org_id and after_message_id = :message_id and state = 'held'
 returning run_id
""")
_IS_HELD = text("select 1 from run_queue where run_id = :run_id and state = 'held'")
_TAKE_OUT = text("delete from run_queue where run_id = :run_id")
_WAKE = text("select pg_notify(:channel, '')")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A locked run that nobody has begun, and the answer that it stands under while it waits for that."""

    state: WaitingState
    after_message_id: UUID | None


class WaitingRuns:
    """Waiting rows of the queue, in one transaction.

    Who locks one holds its session first, as the closing of the answer above does. A row that somebody else has locked
    is just being begun, so nobody waits for it.
    """

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def lock(self, run_id: UUID) -> Waiting | None:
        """Hold a run that nobody has begun; None once it is begun, or being begun."""
        row = (await self._db.execute(_LOCK, {"run_id": run_id})).mappings().first()
        return None if row is None else Waiting(**row)

    async def is_held(self, run_id: UUID) -> bool:
        """Whether a run waits for the person, as it is just now."""
        return (await self._db.execute(_IS_HELD, {"run_id": run_id})).first() is not None

    async def send(self, run_id: UUID, state: WaitingState) -> None:
        """A person lets a held run go. It counts as resumed, so that asking again is asking once."""
        await self._db.execute(_MOVE, {"run_id": run_id, "state": state, "command": "resume"})
        await self.wake()

    async def follow(self, message_id: UUID, *, is_complete: bool) -> list[UUID]:
        """An answer has ended: what waits for it goes out, or is held for the person. Gives these runs."""
        state = "queued" if is_complete else "held"
        given = {"org_id": self._scope.org_id, "message_id": message_id, "state": state}
        return await self._moved(_FOLLOW, given)

    async def go_on_under(self, message_id: UUID) -> list[UUID]:
        """An answer goes on: what was held under it goes out once it is complete, as if each had been sent."""
        return await self._moved(_GO_ON_UNDER, {"org_id": self._scope.org_id, "message_id": message_id})

    async def inherit(self, message_id: UUID, waiting: Waiting) -> list[UUID]:
        """What waited for this answer waits for what the answer itself waited for. Gives these runs."""
        given = {
            "org_id": self._scope.org_id,
            "message_id": message_id,
            "state": waiting.state,
            "after_message_id": waiting.after_message_id,
        }
        return await self._moved(_INHERIT, given)

    async def take_out(self, run_id: UUID, *, question_id: UUID | None) -> None:
        """Take a locked run out of the queue; its ids stay taken."""
        await self._db.execute(_TAKE_OUT, {"run_id": run_id})
        org_id, user_id = self._scope.org_id, self._scope.user_id
        self._db.add(RemovedRun(org_id=org_id, id=run_id, user_id=user_id, question_id=question_id))
        await self._db.flush()

    async def is_removed(self, run_id: UUID) -> bool:
        """Whether the scope's person took this run out before."""
        removed = await self._db.get(RemovedRun, (self._scope.org_id, run_id))
        return removed is not None and removed.user_id == self._scope.user_id

    async def wake(self) -> None:
        """Let workers look at commit: they may have skipped a row while it was locked."""
        await self._db.execute(_WAKE, {"channel": WAKE_CHANNEL})

    async def _moved(self, statement: Any, given: dict[str, Any]) -> list[UUID]:  # noqa: ANN401 - an SQL statement
        moved = list((await self._db.execute(statement, given)).scalars())
        if moved and given.get("state") == "queued":
            await self.wake()
        return moved
