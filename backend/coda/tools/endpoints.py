"""The route that lists the tools."""

from fastapi import APIRouter, Request

from coda.core.http.responses import errors
from coda.organizations.dependencies import CurrentPrincipal
from coda.tools.schemas import Tools

router = APIRouter(prefix="/api/v1", tags=["tools"])


@router.get("/tools", responses=errors(401))
async def list_tools(request: Request, _caller: CurrentPrincipal) -> Tools:
    """Tools that the agent may call."""
    return Tools.of(request.app.state.registry.list())
