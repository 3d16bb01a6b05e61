"""The web application: joins the routes of all domains to one assembled process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields

from fastapi import FastAPI

from coda import __version__
from coda.access.sign_in_first import SignInFirst
from coda.assembly import assemble
from coda.auth import endpoints as auth
from coda.conversations import endpoints as conversations
from coda.core.db import DatabaseUrls
from coda.core.http.install import install_http
from coda.core.http.openapi import install_openapi
from coda.core.http.routes import join_routers
from coda.core.settings import Settings
from coda.files import endpoints as files
from coda.gateways.ag_ui import endpoints as ag_ui
from coda.gateways.mcp_server import endpoints as mcp_server
from coda.gateways.mcp_server.errors import render_mcp_error
from coda.gateways.openai_api import endpoints as openai_api
from coda.gateways.openai_api.errors import render_openai_error
from coda.gateways.openai_responses import endpoints as openai_responses
from coda.llm import endpoints as llm
from coda.operations import endpoints as operations
from coda.operations.install import install_operations
from coda.organizations import endpoints as organizations
from coda.runs import endpoints as runs
from coda.runs.connections import endpoint as run_socket
from coda.runs.connections import sse as run_stream
from coda.tools import endpoints as tools
from coda.tools.sources import endpoints as tool_sources

ROUTERS = (
    auth.router,
    organizations.router,
    conversations.router,
    files.router,
    runs.router,
    run_stream.router,
    run_socket.router,
    llm.router,
    tools.router,
    tool_sources.router,
    openai_api.router,
    openai_responses.router,
    openai_responses.conversations,
    ag_ui.router,
    mcp_server.router,
    operations.router,
)


def create_app(settings: Settings, urls: DatabaseUrls) -> FastAPI:
    """The application over a database that is there and migrated; it drives runs too unless Redis is configured."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with assemble(settings, urls, works=settings.redis_url is None) as process:
            for part in fields(process):
                setattr(app.state, part.name, getattr(process, part.name))
            yield

    app = FastAPI(
        title="Coda",
        version=__version__,
        summary="Self-hosted AI chat that shows everything its agent does.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        openapi_url=None,
    )
    join_routers(app, *ROUTERS)
    install_openapi(app)
    app.add_middleware(SignInFirst)
    install_operations(app, settings)
    install_http(app, settings, {"/v1": render_openai_error, "/mcp": render_mcp_error})
    return app
