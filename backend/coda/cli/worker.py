"""`coda worker`: executes runs and background jobs beside any number of `coda serve`."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from coda.cli import collector
from coda.cli.signals import on_stop_signals
from coda.cli.start_up import check_start, load_settings, run
from coda.core.db.host import DatabaseHost
from coda.core.db.migrations import check_schema
from coda.core.errors import CodaError, ErrorKind
from coda.core.secret_key import with_secret_key
from coda.core.settings import Settings
from coda.observability.tracing import configure_tracing
from coda.tools.toolsets import Toolset

if TYPE_CHECKING:
    from coda.runs.worker.dispatcher import RunDispatcher

_PATIENCE = 60.0  # a server that starts at the same time migrates first


class WorkerNeedsRedis(CodaError):
    """Without Redis `coda serve` answers by itself, and would not hear of a worker's work."""

    kind = ErrorKind.INVALID
    code = "cli.worker_needs_redis"

    def __init__(self) -> None:
        super().__init__("A worker needs CODA_REDIS_URL; without Redis, `coda serve` does a worker's work itself.")


@click.command("worker")
def command() -> None:
    """Answer: execute runs and background jobs (needs Redis)."""
    settings = load_settings()
    if settings.redis_url is None:
        raise WorkerNeedsRedis
    run(work(settings))


async def work(settings: Settings, *, toolsets: Iterable[Toolset] | None = None) -> None:
    """Work until told to stop; then let runs end for a while and hand the rest over. `toolsets`: others than usual."""
    from coda.assembly import TOOLSETS, assemble
    from coda.cli.probes import probes

    await check_start(settings)
    settings = with_secret_key(settings)
    tracing = configure_tracing(settings, service="coda-worker")
    stopping = asyncio.Event()
    async with DatabaseHost(settings) as host:
        with on_stop_signals(stopping.set) as signals:
            urls = await host.attach()
            await check_schema(urls, patience=_PATIENCE)
            sources = TOOLSETS if toolsets is None else toolsets
            async with assemble(settings, urls, works=True, toolsets=sources) as process, probes(process):
                signals.handler = lambda: _stop(process.dispatcher, stopping)
                collector.settle()
                click.echo("The worker is ready. Press Ctrl-C to stop.")
                await stopping.wait()
                await process.dispatcher.stop()
    await asyncio.to_thread(tracing.close)


def _stop(dispatcher: "RunDispatcher", stopping: asyncio.Event) -> None:
    """Drain; asked twice, hand over without waiting for any stream."""
    if dispatcher.is_draining:
        dispatcher.release_all()
    dispatcher.drain()
    stopping.set()
