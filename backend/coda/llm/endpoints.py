"""Routes of models and of connections to their providers."""

from uuid import UUID

from fastapi import APIRouter, status

from coda.core.http.responses import PageCursor, PageLimit, errors
from coda.llm.dependencies import Connections, ConnectionsToChange, ConnectionTester, ModelChoice, Models
from coda.llm.schemas import ConnectionCreate, ConnectionPage, ConnectionRead, ConnectionTestRead, ModelsRead
from coda.llm.service import try_connection

router = APIRouter(prefix="/api/v1")


@router.get("/models", tags=["models"], responses=errors(401))
async def list_models(choice: ModelChoice) -> ModelsRead:
    """Models that the caller may choose."""
    return choice


@router.get("/connections", tags=["web-app"], responses=errors(401, 403, 422))
async def list_connections(
    connections: Connections, cursor: PageCursor = None, limit: PageLimit = 50
) -> ConnectionPage:
    """Connections to model providers."""
    return ConnectionPage.of(await connections.list_page(cursor=cursor, limit=limit))


@router.post(
    "/connections", tags=["web-app"], status_code=status.HTTP_201_CREATED, responses=errors(401, 403, 409, 422)
)
async def create_connection(request: ConnectionCreate, connections: ConnectionsToChange) -> ConnectionRead:
    """Connect a model provider."""
    return ConnectionRead.model_validate(await connections.create(request))


@router.post("/connections/test", tags=["web-app"], responses=errors(401, 403, 422, 429))
async def test_connection(request: ConnectionCreate, principal: ConnectionTester, models: Models) -> ConnectionTestRead:
    """Try an address and key without keeping them."""
    return await try_connection(request, principal, models.discovery)


@router.delete(
    "/connections/{connection_id}",
    tags=["web-app"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=errors(401, 403, 404, 422),
)
async def delete_connection(connection_id: UUID, connections: ConnectionsToChange) -> None:
    """Remove a connection."""
    await connections.delete(connection_id)
