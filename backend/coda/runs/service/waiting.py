"""What a person does to a run of theirs that no worker has begun: edit its question, remove it, release it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from coda.conversations.errors import MessageNotFound
from coda.conversations.models import ChatSession, Message
from coda.conversations.service import TurnService
from coda.conversations.types import UNFINISHED, Part
from coda.runs.errors import NothingToAnswer, QuestionShared, RunAlreadyStarted, RunNotFound
from coda.runs.models import Run
from coda.runs.queue.waiting import Waiting, WaitingRuns
from coda.runs.repository import RunRepository
from coda.usage.types import Holds


@dataclass(frozen=True, slots=True)
class EditedRun:
    """A run with its changed question and its empty answer."""

    run: Run
    question: Message
    answer: Message


@dataclass(frozen=True, slots=True)
class Removal:
    """Where a run was removed, and the runs that moved up."""

    session_id: UUID
    followers: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class _Locked:
    chat_session: ChatSession
    run: Run
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class WaitingRunService:
    """What a person does to a run before a worker claims it. The row lock decides who is first."""

    runs: RunRepository
    waiting: WaitingRuns
    turns: TurnService
    reservations: Holds

    async def edit(self, run_id: UUID, content: Sequence[Part]) -> EditedRun:
        """Give the question another text. Raises RunNotFound, RunAlreadyStarted, QuestionShared, NothingToAnswer."""
        if not content:
            raise NothingToAnswer
        locked = await self._lock(run_id)
        answer = await self._message(locked.run, locked.run.message_id)
        if await self.turns.has_other_answers(answer):
            raise QuestionShared(run_id)
        question = await self._message(locked.run, answer.parent_id)
        await self.turns.rewrite(question, await self.turns.resolve(content))
        await self.waiting.wake()
        return EditedRun(locked.run, question, answer)

    async def remove(self, run_id: UUID) -> Removal | None:
        """Remove a run; None where it was removed before. Raises RunNotFound, RunAlreadyStarted."""
        try:
            locked = await self._lock(run_id)
        except RunNotFound:
            if await self.waiting.is_removed(run_id):
                return None
            raise
        answer = await self._message(locked.run, locked.run.message_id)
        question = await self._message(locked.run, answer.parent_id)
        question_id = await self.turns.take_out(locked.chat_session, answer, question)
        followers = await self.waiting.reattach(answer.id, locked.waiting)
        await self.waiting.remove(run_id, question_id=question_id)
        await self.reservations.release(run_id)
        if locked.waiting.state == "queued" and not followers:
            await self.turns.set_run_status(locked.chat_session.id, "done")
        return Removal(locked.chat_session.id, followers)

    async def release(self, run_id: UUID) -> bool:
        """Queue a run that waits for the person, behind the answer above where that goes on. False: it did not wait."""
        if not await self.waiting.waits_for_person(run_id):
            return False
        try:
            locked = await self._lock(run_id)
        except RunAlreadyStarted:
            return True  # released from another tab at the same moment
        if locked.waiting.state == "held":
            await self._release(locked)
        return True

    async def block_again(self, message_id: UUID) -> Sequence[UUID]:
        """An answer goes on, and its session is locked: what waited for the person under it waits for it again."""
        return await self.waiting.block_again(message_id)

    async def _release(self, locked: _Locked) -> None:
        run, after_id = locked.run, locked.waiting.after_message_id
        above = await self.turns.find_message(run.session_id, after_id) if after_id else None
        if above is not None and above.status in UNFINISHED:
            await self.waiting.release(run.id, "blocked")
            return
        await self.waiting.release(run.id, "queued")
        await self.turns.set_run_status(run.session_id, "queued")

    async def _lock(self, run_id: UUID) -> _Locked:
        """Lock the session first, then the row in the queue, as the completion of the answer above does."""
        run = await self.runs.find_writable(run_id)
        if run is None:
            raise RunNotFound(run_id)
        chat_session = await self.turns.lock_session(run.session_id)
        run = await self.runs.find_writable(run_id)
        if run is None:
            raise RunNotFound(run_id)
        waiting = await self.waiting.lock(run_id)
        if waiting is None:
            raise RunAlreadyStarted(run_id)
        return _Locked(chat_session, run, waiting)

    async def _message(self, run: Run, message_id: UUID | None) -> Message:
        message = await self.turns.find_message(run.session_id, message_id) if message_id else None
        if message is None:
            raise MessageNotFound(message_id or run.message_id)
        return message
