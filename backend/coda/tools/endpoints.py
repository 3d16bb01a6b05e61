"""The route that lists the tools."""

from fastapi import APIRouter, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.core.http.responses import errors
from coda.tools.schemas import Tools

router = APIRouter(prefix="/api/v1", tags=["tools"])


@router.get("/tools", responses=errors(401), dependencies=[require(Permission.MODELS_READ)])
async def list_tools(request: Request) -> Tools:
    """Tools that the agent may call."""
    return Tools.of(request.app.state.registry.list())
