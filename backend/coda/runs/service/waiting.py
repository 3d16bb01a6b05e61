"""Runs that nobody has begun, in the hands of the person who asked: change the question, take it out, send it."""

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
class Rewritten:
    """A run with its changed question and its empty answer."""

    run: Run
    question: Message
    answer: Message


@dataclass(frozen=True, slots=True)
class Removed:
    """Where a run was taken out, and the runs that moved up."""

    session_id: UUID
    followers: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class _Held:
    chat_session: ChatSession
    run: Run
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class WaitingRunService:
    """What a person does to a run before a worker takes it. Whoever is first wins: the person or the worker."""

    runs: RunRepository
    waiting: WaitingRuns
    turns: TurnService
    reservations: Holds

    async def edit(self, run_id: UUID, content: Sequence[Part]) -> Rewritten:
        """Give the question another text. Raises RunNotFound, RunAlreadyStarted, QuestionShared, NothingToAnswer."""
        if not content:
            raise NothingToAnswer
        held = await self._hold(run_id)
        answer = await self._message(held.run, held.run.message_id)
        if await self.turns.has_other_answers(answer):
            raise QuestionShared(run_id)
        question = await self._message(held.run, answer.parent_id)
        await self.turns.rewrite(question, content)
        await self.waiting.wake()
        return Rewritten(held.run, question, answer)

    async def remove(self, run_id: UUID) -> Removed | None:
        """Take a run out; None where it was taken out before. Raises RunNotFound, RunAlreadyStarted."""
        try:
            held = await self._hold(run_id)
        except RunNotFound:
            if await self.waiting.is_removed(run_id):
                return None
            raise
        answer = await self._message(held.run, held.run.message_id)
        question = await self._message(held.run, answer.parent_id)
        question_id = await self.turns.take_out(held.chat_session, answer, question)
        followers = await self.waiting.inherit(answer.id, held.waiting)
        await self.waiting.take_out(run_id, question_id=question_id)
        await self.reservations.release(run_id)
        if held.waiting.state == "queued" and not followers:
            await self.turns.set_run_status(held.chat_session.id, "done")
        return Removed(held.chat_session.id, followers)

    async def send(self, run_id: UUID) -> bool:
        """Let a held run go, or wait again where the answer above is being written anew. False: it is not held."""
        if not await self.waiting.is_held(run_id):
            return False
        try:
            held = await self._hold(run_id)
        except RunAlreadyStarted:
            return True  # sent from another tab at the same moment
        if held.waiting.state == "held":
            await self._let_go(held)
        return True

    async def go_on_under(self, message_id: UUID) -> Sequence[UUID]:
        """An answer goes on, and its session is locked: what was held under it waits for it again."""
        return await self.waiting.go_on_under(message_id)

    async def _let_go(self, held: _Held) -> None:
        run, after_id = held.run, held.waiting.after_message_id
        above = await self.turns.find_message(run.session_id, after_id) if after_id else None
        if above is not None and above.status in UNFINISHED:
            await self.waiting.send(run.id, "blocked")
            return
        await self.waiting.send(run.id, "queued")
        await self.turns.set_run_status(run.session_id, "queued")

    async def _hold(self, run_id: UUID) -> _Held:
        """The session first, as whoever closes the answer above does."""
        run = await self.runs.find(run_id)
        if run is None:
            raise RunNotFound(run_id)
        chat_session = await self.turns.lock_session(run.session_id)
        run = await self.runs.find(run_id)
        if run is None:
            raise RunNotFound(run_id)
        waiting = await self.waiting.lock(run_id)
        if waiting is None:
            raise RunAlreadyStarted(run_id)
        return _Held(chat_session, run, waiting)

    async def _message(self, run: Run, message_id: UUID | None) -> Message:
        message = await self.turns.find_message(run.session_id, message_id) if message_id else None
        if message is None:
            raise MessageNotFound(message_id or run.message_id)
        return message
