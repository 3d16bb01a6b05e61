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
from coda.access.quotas import Quotas
from coda.auth.wiring import build_authenticator
from coda.conversations.visibility import shown_files
from coda.conversations.wiring import find_file_uses
from coda.core.cache import Cache
from coda.core.cache.wiring import build_cache
from coda.core.db import Database, DatabaseUrls
from coda.core.db.listener import DatabaseListener
from coda.core.fair_gate import FairGate
from coda.core.ids import new_id
from coda.core.jobs import JobRegistry, JobRunner
from coda.core.rate_limit import MemoryRateLimiter, RateLimiter
from coda.core.request_limits import MemoryRequestLimits, RequestLimits
from coda.core.security import Seal
from coda.core.settings import Settings
from coda.core.tokens_spent import listening
from coda.files import jobs as files_jobs
from coda.files.wiring import FileServices, build_files
from coda.identity.wiring import Identity, build_identity
from coda.llm.wiring import ModelServices, build_models
from coda.observability.jobs import observed_job
from coda.observability.metrics import count_cache_answer
from coda.observability.watchdog import LoopWatchdog
from coda.operations import jobs as operations_jobs
from coda.operations.readiness import ReadinessProbe
from coda.organizations.wiring import SettingsCache, build_settings_cache
from coda.runs import jobs as runs_jobs
from coda.runs.connections.run_commands import RunCommands
from coda.runs.connections.services import SocketServices, build_socket_services
from coda.runs.execution.services import RunServices
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
from coda.tools.direct_calls import DirectCalls
from coda.tools.mcp.kind import McpServers
from coda.tools.mcp.stdio.kind import StdioServers
from coda.tools.mcp.stdio.reports import ServerReports
from coda.tools.sources import jobs as tool_source_jobs
from coda.tools.sources.started import jobs as started_source_jobs
from coda.tools.sources.started.commands import servers_of
from coda.tools.sources.started.named import NamedServers
from coda.tools.sources.wiring import SourceServices, build_sources
from coda.tools.toolsets import FunctionToolset, Toolset
from coda.tools.wiring import ToolServices, build_tools, build_workers

TOOLSETS: tuple[Toolset, ...] = (FunctionToolset("built-in", BUILTIN_TOOLS),)
"""Where this installation's tools come from. A new source is one more line here."""

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
    organization_settings: SettingsCache
    models: ModelServices
    files: FileServices
    limiter: RateLimiter
    quotas: Quotas
    tools: ToolServices
    tool_calls: DirectCalls
    tool_sources: SourceServices
    dispatcher: RunDispatcher
    run_commands: RunCommands
    streams: RunStreams
    sockets: SocketServices
    identity: Identity
    authenticator: Authenticator
    readiness: ReadinessProbe


@dataclass(frozen=True, slots=True)
class _Infrastructure:
    """What every domain stands on; started already, the listener excepted."""

    settings: Settings
    database: Database
    listener: DatabaseListener
    hub: Hub
    limiter: RateLimiter
    quotas: Quotas
    log_writer: LogWriter
    organization_settings: SettingsCache
    cache: Cache


@dataclass(frozen=True, slots=True)
class _Runs:
    """What starts, commands and executes runs."""

    notes: RunNotifier
    commands: RunCommands
    dispatcher: RunDispatcher
    tool_calls: DirectCalls


@asynccontextmanager
async def assemble(
    settings: Settings, urls: DatabaseUrls, *, works: bool = True, toolsets: Iterable[Toolset] = TOOLSETS
) -> AsyncIterator[Process]:
    """Build and start everything; stop it in reverse. `works`: whether this process executes runs and jobs."""
    async with AsyncExitStack() as stack:
        _start_watchdog(stack)
        base = await _start_infrastructure(stack, settings, urls)
        files = _build_files(base)
        models = await _start_models(stack, base, files)
        stdio_servers = StdioServers(base.settings.tools, works=works)
        tool_sources = _build_tool_sources(stack, base, models, stdio_servers)
        tools = _build_tools(stack, base, toolsets, tool_sources)
        runs = _build_runs(stack, base, models, tools)
        jobs = _build_jobs(base, models, files, runs, tool_sources, stdio_servers)
        if works:
            await _start_servers(stack, base, tool_sources, stdio_servers)
        await _start_work(stack, base, runs, jobs, works=works)
        streams = RunStreams(base.database, base.hub, settings.runs)
        identity = _build_identity(stack, base)
        authenticator = build_authenticator(identity)
        sockets = build_socket_services(base.database, streams, runs.commands, authenticator, quotas=base.quotas)
        sockets.registry.start()
        stack.push_async_callback(sockets.registry.close)
        yield Process(
            settings=settings,
            database=base.database,
            listener=base.listener,
            hub=base.hub,
            notes=runs.notes,
            log_writer=base.log_writer,
            organization_settings=base.organization_settings,
            models=models,
            files=files,
            limiter=base.limiter,
            quotas=base.quotas,
            tools=tools,
            tool_calls=runs.tool_calls,
            tool_sources=tool_sources,
            dispatcher=runs.dispatcher,
            run_commands=runs.commands,
            streams=streams,
            sockets=sockets,
            identity=identity,
            authenticator=authenticator,
            readiness=_build_readiness(base, runs),
        )


def _start_watchdog(stack: AsyncExitStack) -> None:
    watchdog = LoopWatchdog()
    watchdog.start()
    stack.callback(watchdog.stop)


async def _start_infrastructure(stack: AsyncExitStack, settings: Settings, urls: DatabaseUrls) -> _Infrastructure:
    database = Database(urls, pool_size=settings.database_pool_size, timeout=settings.database_timeout)
    stack.push_async_callback(database.close)
    listener = DatabaseListener(urls.direct, timeout=settings.database_timeout)
    limiter, limits = _limits(settings, stack)
    quotas = Quotas(limits, settings.rate_limits)
    stack.enter_context(listening(quotas.spend))
    hub = _hub(settings)
    await hub.start()
    stack.push_async_callback(hub.close)
    log_writer = LogWriter(database.system_engine, hub, flush_interval=settings.runs.flush_interval)
    log_writer.start()
    stack.push_async_callback(log_writer.close)
    organization_settings = build_settings_cache(database, listener)
    stack.push_async_callback(organization_settings.close)
    cache = build_cache(settings, database, listener, tell=count_cache_answer)
    stack.push_async_callback(cache.close)
    return _Infrastructure(settings, database, listener, hub, limiter, quotas, log_writer, organization_settings, cache)


async def _start_models(stack: AsyncExitStack, base: _Infrastructure, files: FileServices) -> ModelServices:
    models = build_models(
        base.settings,
        base.database,
        base.listener,
        seal=Seal(base.settings.secret_key),
        organization_settings=base.organization_settings,
        pictures=files.pictures,
    )
    await models.start()
    stack.push_async_callback(models.close)
    return models


def _build_files(base: _Infrastructure) -> FileServices:
    settings = base.settings
    return build_files(
        base.database,
        settings.files,
        data_dir=settings.data_dir,
        secret_key=settings.secret_key,
        readable=shown_files,
        find_uses=find_file_uses,
    )


def _build_tool_sources(
    stack: AsyncExitStack, base: _Infrastructure, models: ModelServices, stdio_servers: StdioServers
) -> SourceServices:
    """Kinds of sources that people add. A new kind is one more line here."""
    mcp = McpServers(models.http, base.settings.tools)
    stack.push_async_callback(mcp.close)
    sources = build_sources(base.database, base.listener, (mcp, stdio_servers), seal=Seal(base.settings.secret_key))
    stack.push_async_callback(sources.joined.close)
    return sources


async def _start_servers(
    stack: AsyncExitStack, base: _Infrastructure, sources: SourceServices, servers: StdioServers
) -> None:
    """Take over what a setting names; tell of the servers that this process starts, and end them with it."""
    named = servers_of(base.settings.tools.servers)
    await NamedServers(base.database, sources, sources.seal, named).settle()
    reports = ServerReports(base.database, servers.children)
    stack.push_async_callback(servers.close)
    reports.start()
    stack.push_async_callback(reports.stop)


def _build_tools(
    stack: AsyncExitStack, base: _Infrastructure, toolsets: Iterable[Toolset], sources: SourceServices
) -> ToolServices:
    tools = build_tools(
        base.database,
        base.listener,
        toolsets,
        cache=base.cache,
        joined=sources.joined,
        need_approval=base.settings.tools.need_approval,
    )
    stack.push_async_callback(tools.policies.close)
    return tools


def _build_runs(stack: AsyncExitStack, base: _Infrastructure, models: ModelServices, tools: ToolServices) -> _Runs:
    """Commands and executor need each other: a command may execute a run, and an execution may find a command."""
    settings, database, notes = base.settings, base.database, RunNotifier(base.hub)
    tool_gate = FairGate(settings.tools.concurrency)
    workers = build_workers(settings.tools)
    stack.push_async_callback(workers.close)
    commands = RunCommands(
        database=database,
        models=models,
        tools=tools,
        notes=notes,
        worker=lambda: dispatcher,
        execute_claim=lambda claim: executor.execute_claim(claim),
        settings=settings.runs,
        concurrent_starts=asyncio.Semaphore(max(1, settings.database_pool_size // 2)),
    )
    executor = RunExecutor(
        database=database,
        graph=build_graph(RunCheckpointSaver(database)),
        services=RunServices(
            models.gateway,
            tools.resolver,
            settings.tools,
            base.log_writer,
            tool_gate,
            workers,
            settings.runs.model_titles,
        ),
        notes=notes,
        settings=settings.runs,
        apply_pending_command=commands.apply_pending_command,
    )
    worker = WorkerIdentity(new_id(), socket.gethostname(), os.getpid(), __version__, settings.runs.concurrency)
    dispatcher = RunDispatcher(database, executor, worker=worker, settings=settings.runs, grace=settings.shutdown.grace)
    direct = DirectCalls(tools.resolver, settings.tools, tool_gate, workers)
    return _Runs(notes, commands, dispatcher, direct)


def _build_jobs(
    base: _Infrastructure,
    models: ModelServices,
    files: FileServices,
    runs: _Runs,
    tool_sources: SourceServices,
    stdio_servers: StdioServers,
) -> JobRunner:
    jobs = JobRegistry()
    files_jobs.register_jobs(jobs, base.database, files)
    runs_jobs.register_jobs(jobs, base.database, models.gateway, runs.notes, runs.commands)
    tool_source_jobs.register_jobs(jobs, base.database, tool_sources.lister)
    started_source_jobs.register_jobs(jobs, base.database, stdio_servers, tool_sources.seal)
    operations_jobs.register_jobs(jobs, base.database, base.settings)
    return JobRunner(base.database, jobs, base.settings.jobs, around=observed_job)


async def _start_work(
    stack: AsyncExitStack, base: _Infrastructure, runs: _Runs, jobs: JobRunner, *, works: bool
) -> None:
    """Listen to the database and, where this process `works`, claim runs and jobs."""
    if works:
        runs.dispatcher.listen_to(base.listener)
        jobs.hear(base.listener)
    await base.listener.start()
    stack.push_async_callback(base.listener.close)
    if works:
        await runs.dispatcher.start(is_only_worker=base.settings.redis_url is None)
        stack.push_async_callback(runs.dispatcher.stop)
        jobs.start()
        stack.push_async_callback(jobs.stop, grace=JOBS_DRAIN)


def _build_identity(stack: AsyncExitStack, base: _Infrastructure) -> Identity:
    identity = build_identity(base.settings, base.limiter)
    stack.callback(identity.passwords.close)
    return identity


def _build_readiness(base: _Infrastructure, runs: _Runs) -> ReadinessProbe:
    return ReadinessProbe(base.database, is_hub_well=base.hub.is_well, is_draining=lambda: runs.dispatcher.is_draining)


def _hub(settings: Settings) -> Hub:
    if settings.redis_url is None:
        return MemoryHub()
    from coda.runs.stream.hub.redis import RedisHub  # its client is loaded only where there is a Redis

    return RedisHub(settings.redis_url.get_secret_value())


def _limits(settings: Settings, stack: AsyncExitStack) -> tuple[RateLimiter, RequestLimits]:
    """What guards sign-in, and what counts requests: in Redis where there is one."""
    if settings.redis_url is None:
        return MemoryRateLimiter(), MemoryRequestLimits()
    from coda.core.redis import connect_redis
    from coda.core.redis_rate_limit import RedisRateLimiter
    from coda.core.redis_request_limits import RedisRequestLimits

    client = connect_redis(settings.redis_url.get_secret_value())
    stack.push_async_callback(client.aclose)
    limits = RedisRequestLimits(client)
    stack.push_async_callback(limits.close)
    return RedisRateLimiter(client), limits
