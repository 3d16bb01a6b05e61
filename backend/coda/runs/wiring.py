"""Builds the services of runs from a transaction and a scope."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.principal import Principal
from coda.conversations.wiring import turns
from coda.core.scope import Scope
from coda.core.settings import RunSettings
from coda.llm.available import AvailableModels
from coda.llm.gateway import Gateway
from coda.runs.queue.admission import AdmissionControl
from coda.runs.queue.run_queue import RunQueue
from coda.runs.queue.waiting import WaitingRuns
from coda.runs.repository import PromptRepository, RunRepository, SteerRepository, StepRepository, ToolCallRepository
from coda.runs.service import Allowances, RunContinuation, RunControl, RunService, RunStarter, WaitingRunService
from coda.runs.stream.run_views import run_views
from coda.tools.types import Tool
from coda.tools.wiring import ToolServices, build_policies
from coda.usage.wiring import ledger, reservations


def run_service(db: AsyncSession, scope: Scope, settings: RunSettings) -> RunService:
    """Reading the scope's runs."""
    return RunService(RunRepository(db, scope), StepRepository(db, scope), run_views(db, scope, settings))


def waiting_runs(db: AsyncSession, scope: Scope) -> WaitingRunService:
    """What a person does to runs that no worker has begun."""
    return WaitingRunService(
        RunRepository(db, scope), WaitingRuns(db, scope), turns(db, scope), reservations(db, scope)
    )


def run_control(
    db: AsyncSession, scope: Scope, gateway: Gateway, models: AvailableModels, settings: RunSettings
) -> RunControl:
    """Commands to the scope's runs."""
    runs, queue, steers = RunRepository(db, scope), RunQueue(db), SteerRepository(db, scope)
    continuation = RunContinuation(
        scope=scope,
        runs=runs,
        calls=ToolCallRepository(db, scope),
        steps=StepRepository(db, scope),
        steers=steers,
        queue=queue,
        waiting=WaitingRuns(db, scope),
        turns=turns(db, scope),
        reservations=reservations(db, scope),
        gateway=gateway,
        models=models,
    )
    return RunControl(runs, queue, steers, continuation, waiting_runs(db, scope), settings)


def run_allowances(db: AsyncSession, principal: Principal, tools: Sequence[Tool], services: ToolServices) -> Allowances:
    """What one caller allows for good; `tools` were listed before the transaction."""
    scope = principal.scope
    policies = build_policies(db, principal, tools, services)
    return Allowances(policies, ToolCallRepository(db, scope), PromptRepository(db, scope))


def run_starter(
    db: AsyncSession, scope: Scope, gateway: Gateway, models: AvailableModels, settings: RunSettings
) -> RunStarter:
    """Starting runs in the scope."""
    return RunStarter(
        runs=RunRepository(db, scope),
        queue=RunQueue(db),
        admission=AdmissionControl(db, settings, org_id=scope.org_id),
        turns=turns(db, scope),
        reservations=reservations(db, scope),
        gateway=gateway,
        models=models,
        last_used=ledger(db, scope).last_model,
    )
