"""`coda serve`: one process with the web app, the interfaces and, without Redis, the answers."""

import asyncio
import gc
import socket
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import click
import structlog
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import coda
from coda.auth.first_start import ensure_first_admin
from coda.cli import collector
from coda.cli.listening import EmbeddedServer, address_of, bind, http_options
from coda.cli.signals import on_stop_signals
from coda.cli.start_up import check_start, load_settings, run
from coda.core.db import Database, DatabaseUrls
from coda.core.db.host import DatabaseHost
from coda.core.db.migrations import migrate
from coda.core.errors import CodaError
from coda.core.secret_key import with_secret_key
from coda.core.settings import Settings
from coda.identity.link_path import link_path
from coda.identity.types import LinkPurpose
from coda.observability.tracing import configure_tracing

_logger = structlog.get_logger("coda.cli")
_LEAST_GRACE = 1


@click.command("serve")
@click.option("--host", help="Address to listen on, instead of CODA_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on, instead of CODA_PORT.")
def command(host: str | None, port: int | None) -> None:
    """Serve the web app and the interfaces; without Redis, answer too."""
    gc.disable()  # half a second of the start went into looking at what has just been imported; see `_Server.startup`
    settings = load_settings()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    run(serve(settings.model_copy(update=given)))


async def serve(settings: Settings) -> None:
    """Start everything, serve until told to stop, stop everything, Postgres last."""
    await check_start(settings)
    listening = bind(settings.host, settings.port)
    tracing = configure_tracing(settings)
    with listening:
        host = DatabaseHost(settings)
        me = asyncio.current_task()
        with on_stop_signals(lambda: me and me.cancel()) as signals, suppress(asyncio.CancelledError):
            try:
                if settings.database_url is not None:
                    settings = with_secret_key(settings)  # refused before anything is made
                urls = await host.start()
                settings = with_secret_key(settings)
                await migrate(urls)
                invitation = await _first_admin(settings, urls)
                server = _Server(settings, urls, listening, invitation)
                signals.handler = server.stop
                await server.run(host)
            finally:
                signals.handler = lambda: None
                await host.stop()
                await asyncio.to_thread(tracing.close)


async def _first_admin(settings: Settings, urls: DatabaseUrls) -> str | None:
    database = Database(urls, pool_size=2)
    try:
        return await ensure_first_admin(database, settings)
    finally:
        await database.close()


class _Server(EmbeddedServer):
    """uvicorn under our order of things: the caller catches signals, and the app outlives the last connection."""

    def __init__(
        self, settings: Settings, urls: DatabaseUrls, listening: socket.socket, invitation: str | None
    ) -> None:
        from coda.main import create_app  # the heaviest import; everything that can fail quickly comes before it

        self._app = create_app(settings, urls)
        self._listening, self._invitation, self._settings = listening, invitation, settings
        super().__init__(
            uvicorn.Config(
                _LastAnswers(self._app, is_last=lambda: self._is_stopping),
                **http_options(settings),
            )
        )
        self._is_stopping = False

    async def run(self, host: DatabaseHost) -> None:  # type: ignore[override]  # uvicorn's own `run` starts a loop
        """Serve until `stop`; the app is assembled before the first and taken apart after the last connection."""
        async with self._app.router.lifespan_context(self._app):
            watching = asyncio.create_task(self._watch(host))
            try:
                await self.serve(sockets=[self._listening])
            finally:
                watching.cancel()
                with suppress(asyncio.CancelledError):
                    await watching

    def stop(self) -> None:
        """Drain, then stop; asked twice, stop without waiting for anybody."""
        dispatcher = getattr(self._app.state, "dispatcher", None)  # there once the app is assembled
        self.force_exit, self._is_stopping = self._is_stopping, True
        if dispatcher is not None and self.force_exit:
            dispatcher.release_all()
        elif dispatcher is not None:
            dispatcher.drain()
        if self.force_exit or not self.started:
            self._leave()
        else:
            delay = self._settings.shutdown.delay.total_seconds()
            asyncio.get_running_loop().call_later(delay, self._leave)

    def _leave(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Nobody new comes in; runs end or are handed over, then readers are sent away, then requests end."""
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        clock = asyncio.get_running_loop().time
        began = clock()
        await self._app.state.dispatcher.stop()  # before the readers: they see how far an answer comes
        spread = timedelta(0) if self.force_exit else self._settings.shutdown.spread
        await self._app.state.sockets.registry.disconnect_all(within=spread)
        rest = self._settings.shutdown.grace.total_seconds() - (clock() - began)
        self.config.timeout_graceful_shutdown = max(_LEAST_GRACE, round(rest))
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        await super().startup(sockets)
        collector.settle()
        if not self.should_exit:
            self._announce()

    async def _watch(self, host: DatabaseHost) -> None:
        if host.embedded is not None:
            try:
                await host.embedded.watch()
            except (CodaError, OSError) as error:
                _logger.error("process.stopping", reason="the embedded Postgres is lost", error=str(error))
                raise
            finally:
                self.should_exit = True

    def _announce(self) -> None:
        address = address_of(self._settings, *self._listening.getsockname()[:2])
        click.echo(f"Coda {coda.__version__} is ready at {address}")
        if self._invitation is not None:
            click.echo(f"Make the first administrator: {address}{link_path(LinkPurpose.SETUP, self._invitation)}")
        click.echo("Press Ctrl-C to stop.")


class _LastAnswers:
    """Tells clients and proxies not to keep their connections to a server that stops."""

    def __init__(self, app: ASGIApp, *, is_last: Callable[[], bool]) -> None:
        self._app, self._is_last = app, is_last

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the header to the answers of a server that stops."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start" and self._is_last():
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self._app(scope, receive, complete)
