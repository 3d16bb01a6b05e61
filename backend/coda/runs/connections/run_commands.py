"""The run commands of sockets and gateways: each call is one transaction of its own, with its notes after it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.principal import Principal
from coda.conversations.wiring import turns
from coda.core.db import Database
from coda.core.kill_points import KillPoint, reached
from coda.core.scope import Person, Scope
from coda.core.settings import RunSettings
from coda.llm.wiring import ModelServices
from coda.runs.errors import RunNotFound
from coda.runs.execution.asked import AskedOf
from coda.runs.queue.admission import AdmissionControl
from coda.runs.queue.run_queue import Claim, RunQueue, Slot
from coda.runs.repository import RunRepository
from coda.runs.service import Allowances, CommandResult, RunControl, remembered
from coda.runs.stream.notifications import RunNotifier
from coda.runs.stream.run_views import new_run_view, run_views
from coda.runs.types import CLIENT_TOOL, InterruptedRun, RefreshPrincipal, StartedRun, StartRun, WaitingRun
from coda.runs.wiring import run_allowances, run_control, run_service, run_starter, waiting_runs
from coda.tools.wiring import ToolServices


class LocalWorker(Protocol):
    """What executes runs in this very process, if it does."""

    def reserve_slot(self, user_id: UUID) -> AbstractContextManager[Slot | None]:
        """Reserve room for a run of this person while it starts; None where there is none."""
        ...

    def dispatch(self, claim: Claim) -> None:
        """Execute a run that was claimed for a reserved slot."""
        ...

    def wake(self) -> None:
        """Look into the queue now: don't wait for the notification."""
        ...


@dataclass(frozen=True, slots=True)
class RunCommands:
    """What a socket or a gateway may ask of runs.

    `concurrent_starts` bounds the starts at a time: when many come at once the first ones' answers begin while the
    last ones still wait, and starts never take all the connections that working runs need.
    """

    database: Database
    models: ModelServices
    tools: ToolServices
    notes: RunNotifier
    worker: Callable[[], LocalWorker]
    execute_claim: Callable[[Claim], Awaitable[None]]
    settings: RunSettings
    concurrent_starts: asyncio.Semaphore

    async def start(
        self, principal: Principal, session_id: UUID, request: StartRun, *, refresh: RefreshPrincipal | None = None
    ) -> StartedRun:
        """Store the question and its run; returns once both are committed. Without `refresh` rights are known."""
        return await asyncio.shield(self._start_to_commit(principal, session_id, request, refresh))

    async def edit(self, principal: Principal, run_id: UUID, content: Sequence[dict[str, Any]]) -> StartedRun:
        """Give the question of a run that no worker has begun another text."""
        scope = principal.scope
        async with self.database.transaction(scope) as db:
            edited = await waiting_runs(db, scope).edit(run_id, content)
            session_id = edited.run.session_id
            question, answer = await turns(db, scope).as_json(session_id, [edited.question, edited.answer])
            run = await run_views(db, scope, self.settings).one(edited.run)
        self.worker().wake()
        self.notes.changed(scope, run_id=run_id, session_id=session_id, status="edited")
        return StartedRun(run, question, answer, is_new=False)

    async def remove(self, principal: Principal, run_id: UUID) -> None:
        """Remove a run that no worker has begun from its conversation; removing twice is removing once."""
        scope = principal.scope
        async with self.database.transaction(scope) as db:
            removed = await waiting_runs(db, scope).remove(run_id)
        if removed is None:
            return
        self.worker().wake()
        for follower in removed.followers:
            self.notes.changed(scope, run_id=follower, session_id=removed.session_id, status="queued")
        self.notes.changed(scope, run_id=run_id, session_id=removed.session_id, status="removed")

    async def check_admission(self, principal: Principal) -> None:
        """Raises RunsBusy and TooManyQueued where a start would, before anything is stored for it."""
        async with self.database.transaction(principal.scope) as db:
            admission = AdmissionControl(db, self.settings, org_id=principal.org_id)
            admission.check(await admission.load(user_id=principal.user_id))

    async def cancel(self, principal: Principal, run_id: UUID) -> dict[str, Any]:
        """Ask a run to stop, keeping what it has said; asking twice is asking once."""
        return await self._cancel(principal.scope, run_id)

    async def cancel_deleted(self, scope: Scope, session_id: UUID) -> None:
        """Stop what a deleted chat still has running or queued, the last one first; nothing once it is restored.

        What waits for a decision stays as it is: it costs nothing, and cannot be decided before the chat is restored.
        """
        async with self.database.transaction(scope) as db:
            run_ids = await RunRepository(db, scope).list_working_in_deleted(session_id)
        for run_id in run_ids:
            await self._cancel(scope, run_id)

    async def pause(self, principal: Principal, run_id: UUID) -> dict[str, Any]:
        """Pause a working run; pausing twice is pausing once."""
        return await self._control(principal.scope, lambda control: control.pause(run_id))

    async def resume(self, principal: Principal, run_id: UUID) -> dict[str, Any]:
        """Resume; gives the run that continues, a new one after an interrupt. Resuming twice is resuming once."""
        key = principal.api_key_id
        return await self._control(principal.scope, lambda control: control.resume(run_id, api_key_id=key))

    async def continue_run(self, principal: Principal, run_id: UUID) -> dict[str, Any]:
        """Continue a cut answer; gives the new run, twice the same one."""
        key = principal.api_key_id
        return await self._control(principal.scope, lambda control: control.continue_run(run_id, api_key_id=key))

    async def steer(
        self, principal: Principal, run_id: UUID, content: str, steer_id: UUID | None = None
    ) -> dict[str, Any]:
        """Send a steer into a working run; the same id, or the same sentence at once, is one steer."""
        return await self._control(principal.scope, lambda control: control.steer(run_id, content, steer_id))

    async def decide(self, principal: Principal, run_id: UUID, decisions: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Decide on the calls that wait; gives the run that continues, for the same decisions the same one."""
        key, scope = principal.api_key_id, principal.scope
        tools = await (await self.tools.sources.of(scope)).list(scope) if remembered(decisions) else None

        def allowances(db: AsyncSession) -> Allowances | None:
            return None if tools is None else run_allowances(db, principal, tools, self.tools)

        return await self._control(
            scope, lambda control: control.decide(run_id, decisions, api_key_id=key), allowances=allowances
        )

    async def expire_approval(self, scope: Scope, run_id: UUID) -> None:
        """End a run on whose calls nobody has decided in time; nothing of a chat that was deleted meanwhile."""
        with suppress(RunNotFound):
            await self._control(scope, lambda control: control.expire(run_id))

    async def find_waiting(self, principal: Principal, call_ids: Collection[UUID]) -> WaitingRun | None:
        """The run that waits for the results of these calls, which its client makes; None where there is none."""
        async with self.database.transaction(principal.scope) as db:
            run = await RunRepository(db, principal.scope).find_waiting(call_ids)
            if run is None or run.user_id != principal.user_id:
                return None
            asked = [UUID(item["tool_call_id"]) for item in run.interrupts or () if item["reason"] == CLIENT_TOOL]
            answer = await turns(db, principal.scope).find_message(run.session_id, run.message_id)
            used = answer.usage if answer is not None else None
            if not asked:
                return None
            has_form = AskedOf(run.params).has_form
            return WaitingRun(run.id, run.session_id, run.model, frozenset(asked), used, has_form)

    async def find_interrupted(self, principal: Principal, interrupt_id: str) -> InterruptedRun | None:
        """The caller's run that was interrupted by this; None where there is none."""
        async with self.database.transaction(principal.scope) as db:
            run = await RunRepository(db, principal.scope).find_interrupted(interrupt_id)
        return None if run is None else InterruptedRun(run.id, run.session_id, run.interrupts or ())

    async def apply_pending_command(self, claim: Claim) -> None:
        """Apply a command that came in while its run was interrupted, and remove the run from the queue, at once.

        A worker that dies here leaves both to the next one. A run that was deleted is just removed from the queue.
        """
        scope = Scope(claim.org_id, Person(claim.user_id))
        try:
            await self._control(scope, lambda control: control.apply_pending_command(claim))
        except RunNotFound:
            async with self.database.transaction(None) as db:
                await RunQueue(db).complete(claim.key, fence=claim.fence)

    async def _cancel(self, scope: Scope, run_id: UUID) -> dict[str, Any]:
        return await self._control(scope, lambda control: control.cancel(run_id))

    async def _control(
        self,
        scope: Scope,
        command: Callable[[RunControl], Awaitable[CommandResult]],
        *,
        allowances: Callable[[AsyncSession], Allowances | None] = lambda _db: None,
    ) -> dict[str, Any]:
        available = await self.models.catalogue.available(scope.org_id)
        async with self.database.transaction(scope) as db:
            control = run_control(db, scope, self.models.gateway, available, self.settings)
            done = await command(replace(control, allowances=allowances(db)))
            if done.claim is None:
                shown = await run_views(db, scope, self.settings).one(done.run)
        run = done.run
        if done.claim is not None:
            await asyncio.shield(self.execute_claim(done.claim))
            async with self.database.transaction(scope) as db:
                shown = (await run_service(db, scope, self.settings).get(run.id)).model_dump(mode="json")
        elif done.has_changed:
            self.worker().wake()
            for run_id in (run.id, *done.followers):
                self.notes.changed(scope, run_id=run_id, session_id=run.session_id, status=run.status)
        elif done.change is not None:
            self.notes.command_accepted(scope, run_id=run.id, change=done.change)
        return shown

    async def _start_to_commit(
        self, principal: Principal, session_id: UUID, request: StartRun, refresh: RefreshPrincipal | None
    ) -> StartedRun:
        """Not cancelled with the request: once committed, the run is executed."""
        worker = self.worker()
        with worker.reserve_slot(principal.user_id) as slot:
            async with self.concurrent_starts:
                try:
                    started, claim = await self._start(principal, session_id, request, refresh, slot)
                except IntegrityError:  # the same ids came in twice at the same moment: now the first one is there
                    started, claim = await self._start(principal, session_id, request, refresh, slot)
            reached(KillPoint.BEFORE_ACK)
            if claim is not None:
                worker.dispatch(claim)
        if started.is_new:
            if claim is None:
                worker.wake()
            self.notes.changed(principal.scope, run_id=request.run_id, session_id=session_id, status="queued")
        return started

    async def _start(
        self,
        principal: Principal,
        session_id: UUID,
        request: StartRun,
        refresh: RefreshPrincipal | None,
        slot: Slot | None,
    ) -> tuple[StartedRun, Claim | None]:
        available = await self.models.catalogue.available(principal.org_id, listed=request.model is None)
        async with self.database.transaction(principal.scope) as db:
            if refresh is not None:
                principal = await refresh(db, principal)
            starter = run_starter(db, principal.scope, self.models.gateway, available, self.settings)
            started = await starter.start(principal, session_id, request, slot=slot)
            known = turns(db, principal.scope)
            if started.is_new:
                run = new_run_view(started.run, started.position)
                question, answer = known.show_new(started.turn)
            else:
                run = await run_views(db, principal.scope, self.settings).one(started.run)
                question, answer = await known.show(started.turn)
            return StartedRun(run, question, answer, started.is_new), started.claim
