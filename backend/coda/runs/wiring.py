"""Builds the services of runs from a transaction and a scope."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.wiring import turns
from coda.core.scope import Scope
from coda.llm.wiring import ModelHouse
from coda.organizations.wiring import build_settings
from coda.runs.queue import RunQueue
from coda.runs.repository import RunRepository, StepRepository
from coda.runs.service import RunContinuation, RunControl, RunService, RunStarter
from coda.runs.steers import SteerRepository
from coda.usage.wiring import reservations


def run_service(db: AsyncSession, scope: Scope) -> RunService:
    """Reading the scope's runs."""
    return RunService(RunRepository(db, scope), StepRepository(db, scope))


def run_control(db: AsyncSession, scope: Scope, models: ModelHouse, *, lease: timedelta) -> RunControl:
    """Commands to the scope's runs."""
    runs, queue, steers = RunRepository(db, scope), RunQueue(db), SteerRepository(db, scope)
    continuation = RunContinuation(
        scope=scope,
        runs=runs,
        steps=StepRepository(db, scope),
        steers=steers,
        queue=queue,
        turns=turns(db, scope),
        reservations=reservations(db, scope),
        models=models,
    )
    return RunControl(runs, queue, steers, continuation, lease)


def run_starter(db: AsyncSession, scope: Scope, models: ModelHouse) -> RunStarter:
    """Starting runs in the scope."""
    return RunStarter(
        runs=RunRepository(db, scope),
        queue=RunQueue(db),
        turns=turns(db, scope),
        reservations=reservations(db, scope),
        models=models,
        default_model=build_settings(db, scope).find_default_model,
    )
