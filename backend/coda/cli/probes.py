"""The small port of a worker: health, readiness and metrics, for whoever looks after the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields

import uvicorn
from fastapi import FastAPI

from coda.assembly import Process
from coda.cli.listening import EmbeddedServer, bind, http_options
from coda.core.http.install import install_http
from coda.operations.endpoints.health import probes as probe_routes


@asynccontextmanager
async def probes(process: Process) -> AsyncIterator[None]:
    """Answer probes for as long as the block lasts, where the settings name a port."""
    settings = process.settings
    if settings.worker_port is None:
        yield
        return
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(probe_routes)
    install_http(app, settings)
    for part in fields(process):
        setattr(app.state, part.name, getattr(process, part.name))
    with bind(settings.host, settings.worker_port) as listening:
        server = EmbeddedServer(uvicorn.Config(app, **http_options(settings)))
        serving = asyncio.create_task(server.serve(sockets=[listening]), name="probes")
        try:
            yield
        finally:
            server.should_exit = server.force_exit = True
            await serving
