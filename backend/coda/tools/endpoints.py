"""The routes of tools: what there is, and who may have it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from coda.core.http.responses import errors
from coda.tools.dependencies import ToolPolicies
from coda.tools.schemas import ToolPatch, ToolRead, Tools

router = APIRouter(prefix="/api/v1/tools", tags=["tools"])

SessionId = Annotated[UUID | None, Query(description="Tell what holds in this chat of the caller's.")]
Source = Annotated[str | None, Query(max_length=200, description="Tells tools of one name apart.")]


@router.get("", responses=errors(401, 403, 404, 422))
async def list_tools(tools: ToolPolicies, session_id: SessionId = None) -> Tools:
    """Tools that the agent may call, and those that are switched off."""
    return Tools.of(await tools.list(session_id))


@router.patch("/{name}", responses=errors(401, 403, 404, 409, 422))
async def update_tool(name: str, change: ToolPatch, tools: ToolPolicies, source: Source = None) -> ToolRead:
    """Switch a tool on or off, or let it ask before each call: for the caller, one chat, or the organization.

    A narrower level may switch off what a broader one leaves on, and never the other way round; `always` cannot be
    lowered below the level that has said so. Answers that are being written see only what gets narrower.
    """
    return ToolRead.of(await tools.change(name, change.as_change(), source=source))
