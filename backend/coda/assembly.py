"""Joins everything that one process consists of: ports and their implementations, in the order of their needs."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from coda import __version__
from coda.access.authenticator import Authenticator
from coda.auth.wiring import build_authenticator
from coda.core.db import Database, DatabaseUrls
from coda.core.db.listener import DatabaseListener
from coda.core.ids import new_id
from coda.core.jobs import JobRegistry, JobRunner
from coda.core.rate_limit import MemoryRateLimiter, RateLimiter
from coda.core.security import Seal
from coda.core.settings import Settings
from coda.identity.wiring import Identity, build_identity
from coda.llm.wiring import ModelHouse, build_models
from coda.observability.jobs import observed_job
from coda.operations import jobs as operations_jobs
from coda.operations.readiness import ReadinessProbe
from coda.runs import jobs as runs_jobs
from coda.runs.connections.run_commands import RunCommands
from coda.runs.connections.services import SocketServices, build_socket_services
from coda.runs.execution.services import RunServices
from coda.runs.execution.tools import RunTools
from coda.runs.graph.build import build_graph
from coda.runs.graph.checkpoints import RunCheckpointSaver
from coda.runs.log.writer import LogWriter
from coda.runs.queue.run_queue import WorkerIdentity
from coda.runs.stream.attach import RunStreams
from coda.runs.stream.hub.memory import MemoryHub
from coda.runs.stream.hub.port import Hub
from coda.runs.stream.notifications import RunNotifier
from coda.runs.worker.dispatcher import RunDispatcher
from coda.runs.worker.executor import RunExecutor
from coda.tools.builtin import BUILTIN_TOOLS
from coda.tools.registry import ToolRegistry, guarded
from coda.tools.types import Tool

JOBS_DRAIN = timedelta(seconds=2)
"""How long a stopping process lets background jobs go on: they may be done again from their beginning."""


@dataclass(frozen=True, slots=True)
class Process:
    """What the routes and the worker loop of this process share."""

    settings: Settings
    database: Database
    listener: DatabaseListener
    hub: Hub
    notes: RunNotifier
    log_writer: LogWriter
    models: ModelHouse
    limiter: RateLimiter
    registry: ToolRegistry
    dispatcher: RunDispatcher
    run_commands: RunCommands
    streams: RunStreams
    sockets: SocketServices
    identity: Identity
    authenticator: Authenticator
    readiness: ReadinessProbe


@dataclass(frozen=True, slots=True)
class _Ground:
    """What everything else stands on."""

    settings: Settings
    database: Database
    listener: DatabaseListener
    hub: Hub
    notes: RunNotifier
    log_writer: LogWriter
    models: ModelHouse
    limiter: RateLimiter


@dataclass(frozen=True, slots=True)
class _Work:
    """What starts, commands and drives runs."""

    registry: ToolRegistry
    commands: RunCommands
    dispatcher: RunDispatcher


@asynccontextmanager
async def assemble(
    settings: Settings, urls: DatabaseUrls, *, works: bool = True, tools: Iterable[Tool] = BUILTIN_TOOLS
) -> AsyncIterator[Process]:
    """Build and start everything; stop it in reverse. `works`: whether this process drives runs."""
    async with AsyncExitStack() as stack:
        ground = await _lay_ground(stack, settings, urls)
        work = _prepare_work(ground, ToolRegistry(guarded(tools, settings.tools.need_approval)))
        await _begin_work(stack, ground, work, works=works)
        streams = RunStreams(ground.database, ground.hub, settings.runs)
        identity = build_identity(settings, ground.limiter)
        stack.callback(identity.passwords.close)
        authenticator = build_authenticator(identity)
        sockets = build_socket_services(ground.database, streams, work.commands, authenticator)
        sockets.seats.start()
        stack.push_async_callback(sockets.seats.close)
        yield Process(
            settings=settings,
            database=ground.database,
            listener=ground.listener,
            hub=ground.hub,
            notes=ground.notes,
            log_writer=ground.log_writer,
            models=ground.models,
            limiter=ground.limiter,
            registry=work.registry,
            dispatcher=work.dispatcher,
            run_commands=work.commands,
            streams=streams,
            sockets=sockets,
            identity=identity,
            authenticator=authenticator,
            readiness=ReadinessProbe(
                ground.database, is_hub_well=ground.hub.is_well, is_draining=lambda: work.dispatcher.is_draining
            ),
        )


async def _lay_ground(stack: AsyncExitStack, settings: Settings, urls: DatabaseUrls) -> _Ground:
    database = Database(urls, pool_size=settings.database_pool_size, timeout=settings.database_timeout)
    stack.push_async_callback(database.close)
    listener = DatabaseListener(urls.direct, timeout=settings.database_timeout)
    limiter = _limiter(settings, stack)
    hub = _hub(settings)
    await hub.start()
    stack.push_async_callback(hub.close)
    log_writer = LogWriter(database.system_engine, hub, flush_interval=settings.runs.flush_interval)
    log_writer.start()
    stack.push_async_callback(log_writer.close)
    models = build_models(settings, database, listener, seal=Seal(settings.secret_key))
    await models.start()
    stack.push_async_callback(models.close)
    return _Ground(settings, database, listener, hub, RunNotifier(hub), log_writer, models, limiter)


def _prepare_work(ground: _Ground, registry: ToolRegistry) -> _Work:
    settings, database = ground.settings, ground.database
    commands = RunCommands(
        database,
        ground.models,
        ground.notes,
        lambda: dispatcher,
        lambda claim: executor.execute_claim(claim),
        settings.runs,
        asyncio.Semaphore(max(1, settings.database_pool_size // 2)),
    )
    executor = RunExecutor(
        database=database,
        graph=build_graph(RunCheckpointSaver(database)),
        services=RunServices(
            ground.models.gateway, RunTools(registry, settings.tools), ground.log_writer, settings.runs.model_titles
        ),
        notes=ground.notes,
        settings=settings.runs,
        apply_pending_command=commands.apply_pending_command,
    )
    worker = WorkerIdentity(new_id(), socket.gethostname(), os.getpid(), __version__, settings.runs.concurrency)
    dispatcher = RunDispatcher(database, executor, worker=worker, settings=settings.runs, grace=settings.shutdown.grace)
    return _Work(registry, commands, dispatcher)


async def _begin_work(stack: AsyncExitStack, ground: _Ground, work: _Work, *, works: bool) -> None:
    """Listen to the database, and where this process `works`, claim runs and jobs."""
    jobs = _jobs(ground, work)
    if works:
        work.dispatcher.listen_to(ground.listener)
        jobs.hear(ground.listener)
    await ground.listener.start()
    stack.push_async_callback(ground.listener.close)
    if works:
        await work.dispatcher.start(is_only_worker=ground.settings.redis_url is None)
        stack.push_async_callback(work.dispatcher.stop)
        jobs.start()
        stack.push_async_callback(jobs.stop, grace=JOBS_DRAIN)


def _jobs(ground: _Ground, work: _Work) -> JobRunner:
    registry = JobRegistry()
    runs_jobs.register_jobs(registry, ground.database, ground.models.gateway, ground.notes, work.commands)
    operations_jobs.register_jobs(registry, ground.database, ground.settings)
    return JobRunner(ground.database, registry, ground.settings.jobs, around=observed_job)


def _hub(settings: Settings) -> Hub:
    if settings.redis_url is None:
        return MemoryHub()
    from coda.runs.stream.hub.redis import RedisHub  # its client is loaded only where there is a Redis

    return RedisHub(settings.redis_url.get_secret_value())


def _limiter(settings: Settings, stack: AsyncExitStack) -> RateLimiter:
    if settings.redis_url is None:
        return MemoryRateLimiter()
    from coda.core.redis import connect_redis
    from coda.core.redis_rate_limit import RedisRateLimiter

    client = connect_redis(settings.redis_url.get_secret_value())
    stack.push_async_callback(client.aclose)
    return RedisRateLimiter(client)
