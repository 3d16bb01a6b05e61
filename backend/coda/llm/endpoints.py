"""Routes of models and of connections to their providers."""

from uuid import UUID

from fastapi import APIRouter, status

from coda.core.http.responses import errors
from coda.llm.dependencies import (
    Choice,
    ConnectionList,
    Connections,
    ConnectionTester,
    Models,
    StoredAddress,
)
from coda.llm.schemas import (
    ConnectionCreate,
    ConnectionPage,
    ConnectionPatch,
    ConnectionRead,
    ConnectionTestRead,
    ModelsRead,
)
from coda.llm.service import try_address, try_connection

router = APIRouter(prefix="/api/v1")


@router.get("/models", tags=["models"], responses=errors(401))
def list_models(choice: Choice) -> ModelsRead:  # beside the event loop: they may be thousands
    """Models that the caller may choose."""
    return ModelsRead.of(choice)


@router.get("/connections", tags=["web-app"], responses=errors(401, 403, 422))
async def list_connections(connections: ConnectionList) -> ConnectionPage:
    """Connections to model providers: the organization's, and the instance's that it may use."""
    return connections


@router.post(
    "/connections", tags=["web-app"], status_code=status.HTTP_201_CREATED, responses=errors(401, 403, 409, 422)
)
async def create_connection(request: ConnectionCreate, connections: Connections) -> ConnectionRead:
    """Connect a model provider."""
    return await connections.create(request)


@router.post("/connections/test", tags=["web-app"], responses=errors(401, 403, 422, 429))
async def test_connection(request: ConnectionCreate, principal: ConnectionTester, models: Models) -> ConnectionTestRead:
    """Try an address and key without keeping them."""
    return await try_connection(request, principal, models.discovery)


@router.post("/connections/{connection_id}/test", tags=["web-app"], responses=errors(401, 403, 404, 409, 422, 429))
async def test_stored_connection(address: StoredAddress, models: Models) -> ConnectionTestRead:
    """Try a stored connection with its stored key."""
    return await try_address(address, models.discovery)


@router.patch("/connections/{connection_id}", tags=["web-app"], responses=errors(401, 403, 404, 422))
async def update_connection(connection_id: UUID, change: ConnectionPatch, connections: Connections) -> ConnectionRead:
    """Change a connection's name, address, key, reach, or who may use it."""
    return await connections.change(connection_id, change)


@router.delete(
    "/connections/{connection_id}",
    tags=["web-app"],
    status_code=status.HTTP_204_NO_CONTENT,
    responses=errors(401, 403, 404, 422),
)
async def delete_connection(connection_id: UUID, connections: Connections) -> None:
    """Remove a connection."""
    await connections.delete(connection_id)
