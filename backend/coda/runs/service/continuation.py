"""Continuing an interrupted or a cut answer in a new run that fills the same message, or abandoning it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from coda.conversations.errors import MessageNotFound
from coda.conversations.models import Message
from coda.conversations.parts import notice_part, steer_part, with_steers_read
from coda.conversations.service import TurnService
from coda.conversations.types import Part
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.llm.available import AvailableModels
from coda.llm.gateway import Gateway
from coda.runs.errors import DecidedOtherwise, NothingToContinue
from coda.runs.models import Run
from coda.runs.queue.run_queue import RunQueue
from coda.runs.queue.waiting import WaitingRuns
from coda.runs.repository import RunRepository, SteerRepository, StepRepository, ToolCallRepository
from coda.runs.types import ABANDONED, ANSWER_TOO_LONG, APPROVAL_EXPIRED, CUT_NOTICES, FINAL_FAILURES, LENGTH_LIMIT
from coda.usage.types import Holds

_OPEN = ("running", "waiting")
Decisions = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RunContinuation:
    """What becomes of a run that was interrupted or cut. Callers have locked its row."""

    scope: Scope
    runs: RunRepository
    calls: ToolCallRepository
    steps: StepRepository
    steers: SteerRepository
    queue: RunQueue
    waiting: WaitingRuns
    turns: TurnService
    reservations: Holds
    gateway: Gateway
    models: AvailableModels

    async def find(self, interrupted: Run, decisions: Decisions | None) -> Run | None:
        """The run that continues this one by the same decisions; raises DecidedOtherwise where there were others."""
        known = await self.runs.find_next(interrupted.id)
        if known is not None and known.request_hash != _hash(decisions):
            raise DecidedOtherwise(interrupted.id, known.id)
        return known

    async def continue_cut(self, cut: Run, *, api_key_id: UUID | None, within_ms: float) -> Run:
        """Queue a new run that continues a cut answer; raises NothingToContinue.

        `within_ms`: an answer that has worked this long has no time left.
        """
        await self.turns.lock_session(cut.session_id)
        answer = await self._answer(cut)
        if answer.run_id != cut.id or not _is_cut(cut, answer) or (answer.total_ms or 0) >= within_ms:
            raise NothingToContinue(cut.id, cut.status)
        await self.runs.forget_checkpoint(cut.root_run_id)
        await self.calls.fail_open(cut.root_run_id, error=dict(ABANDONED))
        await self.steers.assign_to_turn(cut.root_run_id, await self.steps.last_turn(cut.root_run_id) + 1)
        answer.content = with_steers_read(answer.content)
        return await self.resume(cut, None, api_key_id=api_key_id, continues=True)

    async def resume(
        self, interrupted: Run, decisions: Decisions | None, *, api_key_id: UUID | None, continues: bool = False
    ) -> Run:
        """Queue a new run that starts where this one stopped."""
        model = self.gateway.open_from(self.models, interrupted.model)
        run = Run(
            org_id=interrupted.org_id,
            id=new_id(),
            session_id=interrupted.session_id,
            message_id=interrupted.message_id,
            user_id=interrupted.user_id,
            api_key_id=api_key_id,
            parent_run_id=interrupted.id,
            root_run_id=interrupted.root_run_id,
            status="queued",
            model=interrupted.model,
            params=dict(interrupted.params),
            request_hash=_hash(decisions),
            decisions=list(decisions) if decisions is not None else None,
            takes_steers=continues or interrupted.takes_steers,
            continues=continues,
        )
        await self.turns.assign_run(await self._answer(interrupted), run_id=run.id)
        await self.queue.enqueue(run, resumes=True)
        await self.reservations.hold(run_id=run.id, user_id=run.user_id, amount_usd=model.worst_case_usd())
        return run

    async def abandon(self, interrupted: Run) -> None:
        """The person cancels it: what was said is kept, waiting calls fail, queued runs wait for the person."""
        await self._end(interrupted, ABANDONED)

    async def expire(self, interrupted: Run) -> None:
        """Nobody has decided in time: it ends as one that is cancelled, and the answer says why."""
        await self._end(interrupted, APPROVAL_EXPIRED, notice_part(**APPROVAL_EXPIRED))

    async def _end(self, interrupted: Run, error: Mapping[str, Any], *notices: Part) -> None:
        answer = await self._answer(interrupted)
        unread = await self.steers.take_last(interrupted.id, interrupted.root_run_id)
        steers = [steer_part(steer.content, is_read=False) for steer in unread]
        content = [*(_closed(part, error) for part in answer.content), *steers, *notices]
        await self.turns.give_up(answer, content=content)
        await self.waiting.release_followers(answer.id, is_complete=False)
        await self.calls.fail_open(interrupted.root_run_id, error=dict(error))
        interrupted.status, interrupted.interrupts = "cancelled", None

    async def _answer(self, interrupted: Run) -> Message:
        answer = await self.turns.find_message(interrupted.session_id, interrupted.message_id)
        if answer is None:
            raise MessageNotFound(interrupted.message_id)
        return answer


def _is_cut(run: Run, answer: Message) -> bool:
    """Whether a person stopped it, a failure did in the middle, or a limit of the model or of the loop.

    With all its length it is whole. A failure that left nothing behind has cut nothing, and one that comes of what was
    asked would come again.
    """
    notices = [part["code"] for part in answer.content if part["type"] == "notice"]
    if run.status == "cancelled":
        return ANSWER_TOO_LONG not in notices
    if run.status == "failed":
        return _is_begun(answer) and not FINAL_FAILURES.intersection(notices)
    if notices and notices[-1] == LENGTH_LIMIT:
        return bool(answer.content[-1].get("code") == LENGTH_LIMIT)
    return run.status == "finished" and bool(CUT_NOTICES.intersection(notices))


def _is_begun(answer: Message) -> bool:
    """Whether something was said, or done by a tool."""
    return any(
        part["type"] == "text" or (part["type"] == "tool_call" and part["status"] == "done") for part in answer.content
    )


def _closed(part: Part, error: Mapping[str, Any]) -> Part:
    if part["type"] == "tool_call" and part["status"] in _OPEN:
        return {**part, "status": "failed", "error": dict(error)}
    return part


def _hash(decisions: Decisions | None) -> bytes:
    """What makes two decisions the same; their order does not matter."""
    made = sorted(decisions or (), key=lambda decision: str(decision["tool_call_id"]))
    return hashlib.sha256(orjson.dumps(made, option=orjson.OPT_SORT_KEYS)).digest()
