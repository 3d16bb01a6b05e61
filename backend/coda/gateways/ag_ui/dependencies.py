"""What the route of this wire is given."""

from typing import Annotated

from fastapi import Depends, Request

from coda.gateways.ag_ui.service import AgUiService
from coda.runs.connections.registry import ConnectionRegistry


def _service(request: Request) -> AgUiService:
    state = request.app.state
    return AgUiService(state.database, state.run_commands, state.streams, state.models.gateway)


def _registry(request: Request) -> ConnectionRegistry:
    registry: ConnectionRegistry = request.app.state.sockets.registry
    return registry


AgUi = Annotated[AgUiService, Depends(_service)]
Registry = Annotated[ConnectionRegistry, Depends(_registry)]
