"""Control of a person's own runs: cancel, pause, resume, steer, decide. The same command again changes nothing.

A run that was interrupted goes on in another one. Who cancels, pauses or steers it means what goes on: the other one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from coda.core.settings import RunSettings
from coda.runs.errors import (
    ApprovalNeeded,
    ClientResultNeeded,
    InvalidDecisions,
    NothingToApprove,
    NothingToContinue,
    RunEnding,
    RunNotFound,
    RunNotPaused,
    RunNotRunning,
    SteerIdTaken,
    TooManySteers,
)
from coda.runs.models import Run
from coda.runs.queue.commands import RunCommand
from coda.runs.queue.run_queue import Claim, RunQueue
from coda.runs.repository import RunRepository, SteerRepository
from coda.runs.service.allowances import Allowances
from coda.runs.service.continuation import Decisions, RunContinuation
from coda.runs.service.waiting import WaitingRunService
from coda.runs.types import APPROVAL, CLIENT_TOOL, MOST_STEERS, WORKING_STATUSES

_REPEATED_WITHIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The result of a command: the run to show.

    `change` is told to the person's other pages: what a command asks of a working run, before it shows in the stream.
    `claim`: to be executed by the caller after the commit. `followers`: waiting runs whose state has changed.
    """

    run: Run
    has_changed: bool = False
    change: str | None = None
    claim: Claim | None = None
    followers: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class RunControl:
    """The commands of one transaction.

    Of a working run the row in the queue is locked, of one that is over the run's own row; never both, so that commands
    and the completion of a run cannot deadlock.
    """

    runs: RunRepository
    queue: RunQueue
    steers: SteerRepository
    continuation: RunContinuation
    waiting: WaitingRunService
    settings: RunSettings
    allowances: Allowances | None = None

    async def cancel(self, run_id: UUID) -> CommandResult:
        """Stop a run: by its worker, or right here where no worker executes it or it waits for a person."""
        run = await self._get(run_id)
        entry = await self.queue.lock(run.key)
        if entry is not None:
            if entry.is_free:
                return CommandResult(
                    run, claim=await self.queue.claim_one(run.key, RunCommand.CANCEL, lease=self.settings.lease)
                )
            await self.queue.send_command(run.key, RunCommand.CANCEL)
            return CommandResult(run)
        run = await self._lock(run_id)
        if (following := await self._find_following(run)) is not None:
            return await self.cancel(following.id)
        if run.status != "interrupted":
            return CommandResult(run)
        await self.continuation.abandon(run)
        return CommandResult(run, has_changed=True)

    async def pause(self, run_id: UUID) -> CommandResult:
        """Pause a working run; raises RunNotRunning."""
        run = await self._get(run_id)
        entry = await self.queue.lock(run.key)
        if entry is None:
            run = await self._lock(run_id)
            if (following := await self._find_following(run)) is not None:
                return await self.pause(following.id)
            if _waits_for(run) == "pause":
                return CommandResult(run)
            raise RunNotRunning(run_id, run.status)
        if entry.command is RunCommand.CANCEL:
            raise RunNotRunning(run_id, run.status)
        if entry.command is RunCommand.PAUSE:
            return CommandResult(run)
        await self.queue.send_command(run.key, RunCommand.PAUSE)
        return CommandResult(run, change="paused")

    async def resume(self, run_id: UUID, *, api_key_id: UUID | None) -> CommandResult:
        """Resume; after an interrupt in a new run. A run that waits for the person is queued.

        Raises RunNotPaused, ApprovalNeeded, DecidedOtherwise.
        """
        run = await self._get(run_id)
        if run.status == "queued" and await self.waiting.release(run_id):
            return CommandResult(run, has_changed=True)
        entry = await self.queue.lock(run.key)
        if entry is not None:
            if entry.command not in (RunCommand.PAUSE, RunCommand.RESUME):
                raise RunNotPaused(run_id, run.status)
            await self.queue.send_command(run.key, RunCommand.RESUME)
            return CommandResult(run, change="resumed")
        run = await self._lock(run_id)
        if run.status != "interrupted":
            raise RunNotPaused(run_id, run.status)
        known = await self.continuation.find(run, None)
        if known is not None:
            return CommandResult(known)
        if _waits_for(run) != "pause":
            raise ApprovalNeeded(run_id)
        return CommandResult(await self.continuation.resume(run, None, api_key_id=api_key_id), has_changed=True)

    async def continue_run(self, run_id: UUID, *, api_key_id: UUID | None) -> CommandResult:
        """Continue a cut answer in a new run; raises NothingToContinue."""
        run = await self._lock(run_id)
        known = await self.continuation.find(run, None)
        if known is not None and known.continues:
            return CommandResult(known)
        if known is not None or run.status not in ("cancelled", "failed", "finished"):
            raise NothingToContinue(run_id, run.status)
        within_ms = self.settings.max_duration.total_seconds() * 1000
        run = await self.continuation.continue_cut(run, api_key_id=api_key_id, within_ms=within_ms)
        followers = await self.waiting.block_again(run.message_id)
        return CommandResult(run, has_changed=True, followers=followers)

    async def decide(self, run_id: UUID, decisions: Decisions, *, api_key_id: UUID | None) -> CommandResult:
        """Go on by decisions on all calls that wait, or by the results of those that a client makes.

        Raises NothingToApprove, InvalidDecisions, ClientResultNeeded, DecidedOtherwise, and what Allowances do.
        """
        run = await self._lock(run_id)
        waiting = [item["tool_call_id"] for item in run.interrupts or () if item["tool_call_id"]]
        if run.status != "interrupted" or not waiting:
            raise NothingToApprove(run_id, run.status)
        if Counter(str(decision["tool_call_id"]) for decision in decisions) != Counter(waiting):
            raise InvalidDecisions(waiting)
        made = {decision["decision"] for decision in decisions}
        if _waits_for(run) == CLIENT_TOOL and "approve" in made:
            raise ClientResultNeeded(run_id)
        if _waits_for(run) != CLIENT_TOOL and "result" in made:
            raise InvalidDecisions(waiting)
        known = await self.continuation.find(run, decisions)
        if known is not None:
            return CommandResult(known)
        if self.allowances is not None:
            await self.allowances.keep(run, decisions)
        return CommandResult(await self.continuation.resume(run, decisions, api_key_id=api_key_id), has_changed=True)

    async def expire(self, run_id: UUID) -> CommandResult:
        """End a run on whose calls nobody has decided; one that was decided on, or is over, stays as it is."""
        run = await self._lock(run_id)
        if _waits_for(run) != APPROVAL or await self._find_following(run) is not None:
            return CommandResult(run)
        await self.continuation.expire(run)
        return CommandResult(run, has_changed=True)

    async def apply_pending_command(self, claim: Claim) -> CommandResult:
        """Remove a run that is over from the queue, and apply the command that was left there."""
        run = await self._get(claim.run_id)
        entry = await self.queue.lock(claim.key)
        if entry is None or not await self.queue.complete(claim.key, fence=claim.fence):
            return CommandResult(run)
        if entry.command is RunCommand.CANCEL:
            return await self.cancel(claim.run_id)
        if entry.command is RunCommand.RESUME and _waits_for(run) == "pause":
            return await self.resume(claim.run_id, api_key_id=run.api_key_id)
        return CommandResult(run)

    async def steer(self, run_id: UUID, content: str, steer_id: UUID | None = None) -> CommandResult:
        """Throw a sentence into a working run. Raises RunNotRunning, RunEnding, TooManySteers, SteerIdTaken."""
        run = await self._lock(run_id)
        if (told := await self._find_told(run, content, steer_id)) is not None:
            return CommandResult(told)
        if (following := await self._find_following(run)) is not None:
            return await self.steer(following.id, content, steer_id)
        if run.status not in WORKING_STATUSES:
            raise RunNotRunning(run_id, run.status)
        if steer_id is None and await self.steers.is_repeated(run, content, within=_REPEATED_WITHIN):
            return CommandResult(run)
        if not run.takes_steers:
            raise RunEnding(run_id)
        if await self.steers.count(run.root_run_id) >= MOST_STEERS:
            raise TooManySteers(run_id, MOST_STEERS)
        if not await self.steers.insert(run, content, steer_id=steer_id):
            raise SteerIdTaken(run_id)
        return CommandResult(run, change="steered")

    async def _find_told(self, run: Run, content: str, steer_id: UUID | None) -> Run | None:
        """The run of the answer that was given this steer before."""
        known = await self.steers.find(steer_id) if steer_id is not None else None
        if known is None:
            return None
        if (known.root_run_id, known.content) != (run.root_run_id, content):
            raise SteerIdTaken(run.id)
        return run if known.run_id == run.id else await self._get(known.run_id)

    async def _find_following(self, run: Run) -> Run | None:
        """What goes on in the place of a run that was interrupted. A cut answer is over: what continues it is new."""
        return await self.runs.find_next(run.id) if run.status == "interrupted" else None

    async def _get(self, run_id: UUID) -> Run:
        run = await self.runs.find_writable(run_id)
        if run is None:
            raise RunNotFound(run_id)
        return run

    async def _lock(self, run_id: UUID) -> Run:
        run = await self.runs.lock(run_id)
        if run is None:
            raise RunNotFound(run_id)
        return run


def _waits_for(run: Run) -> str | None:
    if run.status != "interrupted":
        return None
    return str((run.interrupts or [{"reason": "pause"}])[0]["reason"])
