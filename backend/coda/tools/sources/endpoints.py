"""The routes of tool sources."""

from uuid import UUID

from fastapi import APIRouter, status

from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.tools.sources.dependencies import ChangedSources, SourceSteps, ToolSources
from coda.tools.sources.schemas import (
    ToolSourceCreate,
    ToolSourceLogRead,
    ToolSourcePage,
    ToolSourcePatch,
    ToolSourceRead,
    ToolSourceTestRead,
)

router = APIRouter(prefix="/api/v1/tool-sources", tags=["tools"])


@router.get("", responses=errors(401, 403, 422))
async def list_tool_sources(sources: ToolSources, cursor: PageCursor = None, limit: PageLimit = 50) -> ToolSourcePage:
    """The caller's sources of tools, their organization's and the instance's."""
    return await sources.list_page(cursor=cursor, limit=limit)


@router.post("", status_code=status.HTTP_201_CREATED, responses=errors(401, 403, 409, 422, 429))
async def create_tool_source(request: ToolSourceCreate, steps: SourceSteps) -> ToolSourceRead:
    """Add a source and list its tools, which are approved by that.

    A source that does not answer is added too, and says why in `health`.
    """
    return await steps.create(request)


@router.post("/test", responses=errors(401, 403, 422, 429))
async def test_tool_source(request: ToolSourceCreate, steps: SourceSteps) -> ToolSourceTestRead:
    """Ask a source what it has without keeping it."""
    return await steps.test(request)


@router.get("/{source_id}", responses=errors(401, 403, 404, 422))
async def get_tool_source(source_id: UUID, sources: ToolSources) -> ToolSourceRead:
    """One source with its tools."""
    return await sources.get(source_id)


@router.get("/{source_id}/log", responses=errors(401, 403, 404, 422))
async def get_tool_source_log(source_id: UUID, sources: ChangedSources) -> ToolSourceLogRead:
    """What the servers of a command have written to stderr, and what became of them."""
    return await sources.log(source_id)


@router.patch("/{source_id}", responses=errors(401, 403, 404, 409, 422, 429))
async def update_tool_source(source_id: UUID, change: ToolSourcePatch, steps: SourceSteps) -> ToolSourceRead:
    """Change a source, switch its tools on and off, approve tools that are new or have changed."""
    return await steps.change(source_id, change)


@router.delete("/{source_id}", status_code=status.HTTP_204_NO_CONTENT, responses=errors(401, 403, 404, 422))
async def delete_tool_source(source_id: UUID, sources: ChangedSources) -> None:
    """Remove a source, its tools, and what was decided about them."""
    await sources.delete(source_id)


@router.post("/{source_id}/refresh", responses=errors(401, 403, 404, 422, 429))
async def refresh_tool_source(source_id: UUID, steps: SourceSteps) -> ToolSourceRead:
    """List a source's tools now."""
    return await steps.refresh(source_id)
